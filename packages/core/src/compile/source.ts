/**
 * A source as data: what a reader (store/source-tree) found on disk, without judgement. The compiler sees nothing else,
 * so that any other origin of definitions (one TOML file, a test, a generator) compiles in the same way.
 */

export type SourceEntry =
  | SourceFile
  | SourceDirectory
  /** Only within copied trees (`data/`, `env/`, `template/`): links are copied as they are. */
  | { readonly kind: 'link'; readonly target: string }
  /** It exists, and its content is of no interest. */
  | { readonly kind: 'present' }
  /** A FIFO, a socket, a device: never opened for reading. */
  | { readonly kind: 'special'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly cause: UnreadableCause }
  /** A key of a definition in one file whose value cannot be what that file holds. */
  | { readonly kind: 'invalid'; readonly message: string; readonly hint: string };

export interface SourceFile {
  readonly kind: 'file';
  /** Permissions: what the directories on the way to it leave of its own. */
  readonly mode: number;
  readonly bytes: Uint8Array;
}

export interface SourceDirectory {
  readonly kind: 'directory';
  /** As of a file. */
  readonly mode: number;
  readonly entries: ReadonlyMap<string, SourceEntry>;
}

/** `code` is the system's (`EACCES`); `vanished`: it was listed, and then it was gone. */
export type UnreadableCause =
  | { readonly kind: 'system'; readonly code: string }
  | { readonly kind: 'dangling-link' }
  | { readonly kind: 'vanished' }
  | { readonly kind: 'not-utf8'; readonly shown: string }
  | { readonly kind: 'too-large'; readonly limit: number }
  /** It alone is not, but everything that was read of the source. */
  | { readonly kind: 'source-too-large'; readonly limit: number };

/** One definition: a directory in a source, or a file that says the same. */
export interface SourceDefinition {
  readonly name: string;
  /** For people: `source/web`, or `source/web.service.toml`. */
  readonly path: string;
  readonly entries: ReadonlyMap<string, SourceEntry>;
  /** Only for definitions that are one file: where in it an entry comes from. */
  readonly lineOf?: (entry: string) => number | undefined;
}

/**
 * Something in a source that could not be read as a definition. `name`: of which one, so that what refers to it is not
 * taken for a mistake as well; null if the name itself cannot be read.
 */
export type SourceProblem =
  | { readonly kind: 'missing-source'; readonly path: string; readonly code: string }
  | {
      readonly kind: 'unreadable';
      readonly name: string | null;
      readonly path: string;
      readonly cause: UnreadableCause;
    }
  | {
      readonly kind: 'bad-toml';
      readonly name: string;
      readonly path: string;
      readonly message: string;
      readonly line: number;
      readonly column: number;
      readonly hint: string;
    };

export interface SourceTree {
  /** As the user named it. */
  readonly path: string;
  /** In any order. */
  readonly definitions: Iterable<SourceDefinition>;
  /** Complete once `definitions` was walked through. */
  readonly problems: readonly SourceProblem[];
  /** Names of plain files: they are not definitions, but reserved names are refused for them too. */
  readonly plainFiles: readonly string[];
}
