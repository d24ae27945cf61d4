/** What an import makes: the files of a source, and what is to be said about them. */

import type { ImportedFile } from '../definitions/files.ts';

export interface ImportNote {
  /** `changed`: it is there, in another form. `lost`: it could not be mapped. */
  readonly kind: 'changed' | 'lost';
  readonly service: string;
  /** Relative to the service's directory. */
  readonly file: string;
  readonly message: string;
}

export interface Imported {
  readonly files: readonly ImportedFile[];
  readonly notes: readonly ImportNote[];
  /** The definitions that were made. */
  readonly services: readonly string[];
}
