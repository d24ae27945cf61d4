/** A directory of runit's service directories, as it was read. */

export type RunitFile =
  /** `mode`: permissions. */
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly mode: number }
  /** `target`: absolute if it leads out of the service's directory. */
  | { readonly kind: 'link'; readonly target: string }
  /** Neither: a FIFO, a socket, something that cannot be read. */
  | { readonly kind: 'other'; readonly why: string };

export interface RunitService {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** The service of the same directory whose name is a link's target, if this one is such a link. */
  readonly aliasOf: string | null;
  /** By path, without what runsv makes (`supervise/`). */
  readonly files: ReadonlyMap<string, RunitFile>;
}
