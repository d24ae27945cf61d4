/** Something is in the place of a file or directory of a log that is not used. The message says what. */
export class OddFile extends Error {
  override readonly name = 'OddFile';
  readonly code = 'EPERM';
}
