import type { Definition } from './definition.ts';

/**
 * How definitions become bytes. The form is the database file's business; the compiler only takes the content hash of the
 * bytes, and needs to know that the same definition always has the same ones.
 */
export interface DefinitionEncoding {
  /** A view that is valid until the next call. */
  encode(definition: Definition): Uint8Array;
  /** SHA-256. */
  digest(bytes: Uint8Array): Uint8Array;
}
