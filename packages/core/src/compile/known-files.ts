/**
 * Every file that a definition may have, and how a reader must treat it. One table: the reader reads what it says, the
 * compiler warns about names that are not in it.
 */
import { everyLongrunSetting } from '../model/longrun-settings.ts';

/** What a definition can be: what its file `type` says. */
export const TYPES = ['longrun', 'oneshot', 'bundle'] as const;
export type Type = (typeof TYPES)[number];

/**
 * `flag`: only its presence counts. `names`: a directory whose entries are names. `tree`: copied as it is.
 * `file-or-service`: a directory is a small definition of its own.
 */
export type Reading = 'text' | 'script' | 'flag' | 'names' | 'weighted-names' | 'tree' | 'file-or-service';

export interface KnownFile {
  readonly reading: Reading;
  /** Which types of definition it means something to. */
  readonly longrun: boolean;
  readonly oneshot: boolean;
  readonly bundle: boolean;
}

const everything = (reading: Reading): KnownFile => ({ reading, longrun: true, oneshot: true, bundle: true });
const service = (reading: Reading): KnownFile => ({ reading, longrun: true, oneshot: true, bundle: false });
const longrun = (reading: Reading): KnownFile => ({ reading, longrun: true, oneshot: false, bundle: false });
const oneshot = (reading: Reading): KnownFile => ({ reading, longrun: false, oneshot: true, bundle: false });
const bundle = (reading: Reading): KnownFile => ({ reading, longrun: false, oneshot: false, bundle: true });

const SETTINGS = everyLongrunSetting().map(
  ([, { file, form }]) => [file, longrun(form === 'flag' ? 'flag' : 'text')] as const,
);

export const KNOWN_FILES: ReadonlyMap<string, KnownFile> = new Map([
  ['type', everything('text')],
  ['flag-essential', everything('flag')],
  ['flag-recommended', everything('flag')],
  ['description', everything('text')],

  ['contents.d', bundle('names')],
  ['contents', bundle('text')],

  ['dependencies.d', service('weighted-names')],
  ['dependencies', service('text')],
  ['wants.d', service('names')],
  ['after.d', service('names')],
  ['before.d', service('names')],
  ['conflicts.d', service('names')],
  ['timeout-up', service('text')],
  ['timeout-down', service('text')],
  ['on-update', service('text')],
  ['flag-manual', service('flag')],
  ['renamed-from', service('text')],

  ['up', oneshot('script')],
  ['down', service('script')],
  ['reload', oneshot('script')],
  ['flag-console', oneshot('flag')],

  ['run', longrun('script')],
  ['finish', longrun('script')],
  ...SETTINGS,
  ['data', longrun('tree')],
  ['env', longrun('tree')],
  ['template', longrun('tree')],
  ['instance', longrun('flag')],
  ['instances', longrun('flag')],
  ['producer-for', longrun('text')],
  ['consumer-for', longrun('text')],
  ['pipeline-name', longrun('text')],
  ['ready-check', longrun('script')],
  ['ready-check-interval', longrun('text')],
  ['restart', longrun('text')],
  ['restart-delay', longrun('text')],
  ['restart-limit', longrun('text')],
  ['success-codes', longrun('text')],
  ['user', longrun('text')],
  ['supplementary-groups', longrun('text')],
  ['working-directory', longrun('text')],
  ['umask', longrun('text')],
  ['nice', longrun('text')],
  ['limits', longrun('text')],
  ['log', longrun('file-or-service')],
]);
