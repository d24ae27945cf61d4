/** What a format is to rc-import: from paths to services, with every line of them in the account. */
import type { Result } from '@muster/core/result';
import type { Account } from './account/account.ts';
import type { ImportedSource } from './definitions/make.ts';
import type { FileReader } from './files/reader.ts';
import type { BundleModel, ServiceModel } from './model/service.ts';

/** What a call of rc-import asks for. */
export interface ImportRequest {
  readonly paths: readonly string[];
  /** Variables whose values are known now. */
  readonly environment: ReadonlyMap<string, string>;
  /** Where absolute paths of the original lie on this machine. */
  readonly root: string;
  /** Where the original will lie, for formats in which that matters; null: where it lies now. */
  readonly here: string | null;
  /** Absolute. */
  readonly logDirectory: string;
  /** The working directory of who starts the original. */
  readonly workingDirectory: string;
  /** What was given of the format's own options, by name; a switch has no values. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
}

/** Why nothing is imported. */
export interface ImportProblem {
  readonly file: string;
  /** From 1; absent if it is the file itself. */
  readonly line?: number;
  readonly message: string;
  readonly hint: string;
}

export type ImportedServices =
  | { readonly kind: 'models'; readonly services: readonly ServiceModel[]; readonly bundles: readonly BundleModel[] }
  /** A format whose files are kept as they are makes the source by itself. */
  | ({ readonly kind: 'source' } & ImportedSource);

export interface ImportFormat {
  readonly name: string;
  readonly summary: string;
  /** Options of rc-import that it alone takes, by name. */
  readonly choices: Readonly<Record<string, { readonly value?: string; readonly help: string }>>;
  /** Whether what is at `path` looks like it. */
  detect(path: string, files: FileReader): boolean;
  read(request: ImportRequest, files: FileReader, account: Account): Result<ImportedServices, readonly ImportProblem[]>;
}
