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

/**
 * What a file is about, in one bit each: most definitions have nothing to say of most of these, and are asked once for all
 * files of a topic. `null` for what is looked for by itself.
 */
export const TOPIC = { policy: 1, order: 2, files: 4, execution: 8, pipeline: 16 } as const;
type Topic = keyof typeof TOPIC | null;

export interface KnownFile {
  readonly reading: Reading;
  readonly topic: Topic;
  /** Which types of definition it means something to. */
  readonly longrun: boolean;
  readonly oneshot: boolean;
  readonly bundle: boolean;
}

type Meaning = Omit<KnownFile, 'reading' | 'topic'>;
const meaningIn = (meaning: Meaning) => (reading: Reading, topic: Topic) => ({ reading, topic, ...meaning });
const everything = meaningIn({ longrun: true, oneshot: true, bundle: true });
const service = meaningIn({ longrun: true, oneshot: true, bundle: false });
const longrun = meaningIn({ longrun: true, oneshot: false, bundle: false });
const oneshot = meaningIn({ longrun: false, oneshot: true, bundle: false });
const bundle = meaningIn({ longrun: false, oneshot: false, bundle: true });

const SETTINGS = everyLongrunSetting().map(
  ([, { file, form }]) => [file, longrun(form === 'flag' ? 'flag' : 'text', 'execution')] as const,
);

export const KNOWN_FILES: ReadonlyMap<string, KnownFile> = new Map([
  ['type', everything('text', null)],
  ['flag-essential', everything('flag', 'policy')],
  ['flag-recommended', everything('flag', 'policy')],
  ['description', everything('text', 'policy')],

  ['contents.d', bundle('names', null)],
  ['contents', bundle('text', null)],

  ['dependencies.d', service('weighted-names', null)],
  ['dependencies', service('text', null)],
  ['wants.d', service('names', 'order')],
  ['after.d', service('names', 'order')],
  ['before.d', service('names', 'order')],
  ['conflicts.d', service('names', 'order')],
  ['timeout-up', service('text', 'policy')],
  ['timeout-down', service('text', 'policy')],
  ['on-update', service('text', 'policy')],
  ['flag-manual', service('flag', 'policy')],
  ['renamed-from', service('text', 'policy')],

  ['up', oneshot('script', null)],
  ['down', service('script', null)],
  ['reload', oneshot('script', null)],
  ['flag-console', oneshot('flag', 'policy')],

  ['run', longrun('script', null)],
  ['finish', longrun('script', 'files')],
  ...SETTINGS,
  ['data', longrun('tree', 'files')],
  ['env', longrun('tree', 'files')],
  ['template', longrun('tree', 'files')],
  ['instance', longrun('flag', 'files')],
  ['instances', longrun('flag', 'files')],
  ['producer-for', longrun('text', 'pipeline')],
  ['consumer-for', longrun('text', 'pipeline')],
  ['pipeline-name', longrun('text', 'pipeline')],
  ['ready-check', longrun('script', 'files')],
  ['ready-check-interval', longrun('text', 'execution')],
  ['restart', longrun('text', 'execution')],
  ['restart-delay', longrun('text', 'execution')],
  ['restart-limit', longrun('text', 'execution')],
  ['success-codes', longrun('text', 'execution')],
  ['user', longrun('text', 'execution')],
  ['supplementary-groups', longrun('text', 'execution')],
  ['working-directory', longrun('text', 'execution')],
  ['umask', longrun('text', 'execution')],
  ['nice', longrun('text', 'execution')],
  ['limits', longrun('text', 'execution')],
  ['log', longrun('file-or-service', 'pipeline')],
]);
