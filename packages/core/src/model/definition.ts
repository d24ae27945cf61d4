/** What a service is made of beside its place in the graph: what a supervisor needs to run it. */
import type { LogDirectives } from './log-directives.ts';
import type { LongrunSettings } from './longrun-settings.ts';
import type { RestartPolicy } from './restart-policy.ts';

/** What is inside a service directory. `path` is relative, separated by `/`, without a leading or trailing slash. */
export type FileEntry = RegularFile | Directory | SymbolicLink;

export interface RegularFile {
  readonly kind: 'file';
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content: Uint8Array;
}

/** One that is empty, or not for everybody: others follow from what is in them. */
export interface Directory {
  readonly kind: 'directory';
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
}

export interface SymbolicLink {
  readonly kind: 'link';
  readonly path: string;
  /** As it was written. */
  readonly target: string;
}

/** A command of a oneshot. `argv` words are bytes without NUL; an empty vector succeeds at once. */
export type OneshotCommand =
  | { readonly form: 'argv'; readonly argv: readonly Uint8Array[] }
  | { readonly form: 'script'; readonly content: Uint8Array };

/** How `run` is executed; absent fields are inherited from the supervision tree. */
export interface ProcessAttributes {
  readonly user?: string;
  readonly supplementaryGroups?: readonly string[];
  readonly workingDirectory?: string;
  readonly umask?: number;
  readonly nice?: number;
  /** prlimit(1) resource names to `SOFT[:HARD]`. */
  readonly limits?: readonly (readonly [resource: string, value: string])[];
}

export interface Longrun extends LongrunSettings {
  readonly type: 'longrun';
  /** `run`, `finish`, `data/…`, `env/…`, `ready-check` and the like as the user wrote them, sorted by path bytes. */
  readonly files: readonly FileEntry[];
  readonly readyCheck: { readonly interval: number } | null;
  readonly restart: RestartPolicy;
  readonly process: ProcessAttributes;
  /** Set on the logger that the compiler adds for a `log` file; such a longrun has no `run` of its own. */
  readonly logger: LogDirectives | null;
  readonly instance: string | null;
}

export interface Oneshot {
  readonly type: 'oneshot';
  readonly up: OneshotCommand;
  readonly down: OneshotCommand;
  readonly reload: OneshotCommand | null;
  readonly instance: string | null;
}

export type Definition = Longrun | Oneshot;
