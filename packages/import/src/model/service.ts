/**
 * What all formats have in common: a service as a program to run, and settings that are known by what they mean. A format makes
 * these, each value with its origin; what becomes of them in a source is decided in one place, `../definitions/make.ts`.
 */
import type { Directive } from '../account/directive.ts';
import type { Sourced } from './value.ts';

/** What is executed. */
export type ImportedProgram =
  /** Words, found through PATH as execvp(3) does. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** A line for `sh -c`. */
  | { readonly kind: 'shell'; readonly line: string }
  /** Words that are known only at start, for rc-exec: whose rules, and what it is given. */
  | { readonly kind: 'late'; readonly words: readonly string[] }
  /** A script with its shebang. */
  | { readonly kind: 'script'; readonly text: string };

export type OutputTo =
  /** Where the tree's own output goes. */
  | { readonly kind: 'tree'; readonly stream: 'stdout' | 'stderr' }
  | { readonly kind: 'nowhere' }
  /** A log in a directory of its own below --log-dir. */
  | { readonly kind: 'log' }
  /** A file whose name others know. */
  | { readonly kind: 'file'; readonly path: string };

export interface OutputLog {
  readonly to: OutputTo;
  /** Bytes after which a new file is begun; null: never. */
  readonly size: number | null;
  readonly keep: number;
}

/** Settings that are one file each, by what they mean (`../definitions/settings.ts` has the files). Times are milliseconds. */
export interface ImportedSettings {
  readonly user: string;
  readonly groups: readonly string[];
  readonly workingDirectory: string;
  readonly umask: number;
  readonly nice: number;
  readonly limits: readonly (readonly [resource: string, value: string])[];
  readonly readyAfter: number;
  readonly notificationFd: number;
  readonly notify: 'main' | 'all';
  readonly readyCheck: string;
  readonly readyCheckInterval: number;
  readonly restart: 'always' | 'on-failure' | 'never';
  readonly restartDelay: string;
  readonly restartLimit: string;
  readonly startRetries: number;
  readonly stableAfter: number;
  readonly successCodes: readonly string[];
  readonly downSignal: string;
  readonly reloadSignal: string;
  readonly timeoutKill: number;
  readonly timeoutFinish: number;
  readonly timeoutUp: number;
  readonly timeoutDown: number;
  readonly killGroup: true;
  readonly stopGroup: true;
  readonly killLeftovers: 'on' | 'off';
  readonly pidFile: string;
  readonly onFailed: string;
  readonly onDone: string;
  readonly supervisorName: string;
  readonly conditions: string;
  readonly listen: readonly string[];
  readonly check: readonly string[];
  readonly schedule: readonly string[];
  readonly on: readonly string[];
  readonly prepare: string;
  readonly stop: string;
  readonly finish: string;
  readonly reload: string;
}

export type SettingsFrom = { readonly [Name in keyof ImportedSettings]?: Sourced<ImportedSettings[Name]> };

/** What a service has to do with others, by name. */
export interface Relation {
  readonly kind: 'needs' | 'wants' | 'after' | 'before' | 'conflicts';
  readonly name: string;
  readonly from: readonly Directive[];
}

export interface ServiceModel {
  readonly name: string;
  readonly kind: 'longrun' | 'oneshot';
  /** Where it begins in the original; null if nothing there says so. */
  readonly header: Directive | null;
  /** Of a template, what stands behind the `@`. */
  readonly instances: readonly string[] | null;
  readonly description?: Sourced<string>;
  /** A oneshot's `up`. */
  readonly run: Sourced<ImportedProgram>;
  /** Of a oneshot. */
  readonly down?: Sourced<ImportedProgram>;
  /** Names and values that are known now. */
  readonly environment: readonly Sourced<readonly [name: string, value: string]>[];
  readonly settings: SettingsFrom;
  readonly relations: readonly Relation[];
  /** Null: what the format has by default is the tree's output. */
  readonly stdout: Sourced<OutputLog> | null;
  /** Null: with standard output. */
  readonly stderr: Sourced<OutputLog> | null;
  /** Not started by a boot. */
  readonly manual: Sourced<boolean>;
}

export interface BundleModel {
  readonly name: string;
  readonly from: readonly Directive[];
  /** Names of services (of templates too: all their instances) and bundles. */
  readonly members: readonly string[];
}
