/** One definition, from its files to what they say. */
import type { Report } from '../diagnostics/report.ts';
import { FLAG, LONGRUN, ON_UPDATE, ONESHOT, type OnUpdate } from '../model/database.ts';
import type { Oneshot } from '../model/definition.ts';
import { DefinitionFiles } from './files.ts';
import { TYPES, type Type } from './known-files.ts';
import { lintDefinition } from './lint/definition.ts';
import type { Exists } from './lint/scripts.ts';
import { readDependencyDirectory, readNameDirectory, readNameFile, readNames } from './lists.ts';
import { readLogger } from './loggers.ts';
import { readLongrun } from './longrun.ts';
import { showName, showText } from './names.ts';
import { nearest } from './nearest.ts';
import { readTimeout } from './numbers.ts';
import { readOneshot } from './oneshot.ts';
import {
  NO_REFERENCES,
  type Parsed,
  type ParsedBundle,
  type ParsedService,
  type Reference,
  type References,
} from './parsed.ts';
import { readPipeline } from './pipeline-files.ts';
import { readSequelReferences } from './sequels.ts';
import type { SourceDefinition } from './source.ts';
import { expandInstance, readWord } from './words.ts';

export interface DefinitionName {
  readonly name: string;
  /** What stands behind the `@` of a template's instance, in place of `%i`. */
  readonly instance: string | null;
}

export interface ParseContext {
  readonly report: Report;
  readonly interpreterExists?: Exists;
  readonly userExists?: Exists;
}

/** Never fails: what is wrong is reported. */
export function parse(source: SourceDefinition, identity: DefinitionName, context: ParseContext): Parsed {
  const files = new DefinitionFiles(source, context.report);
  // Only a definition in one file can have such entries.
  if (source.lineOf !== undefined) reportInvalid(files);
  const type = readType(files);
  if (type !== null) lintDefinition(files, type, context);
  switch (type) {
    case 'bundle':
      return parseBundle(files, identity) ?? broken(files, identity);
    case 'longrun':
    case 'oneshot':
      return parseService(files, identity, type);
    case null:
      return broken(files, identity);
  }
}

function reportInvalid(files: DefinitionFiles): void {
  for (const [file, entry] of files.source.entries)
    if (entry.kind === 'invalid')
      files.report.add('bad-toml', entry.message, { at: files.place(file), hint: entry.hint });
}

/**
 * At most one newline may follow the word. s6-rc looks at the first 8 bytes only, so that it does not see what follows
 * `longrun` or `oneshot` and a newline; such sources compile, with a warning.
 */
function readType(files: DefinitionFiles): Type | null {
  if (!files.has('type')) {
    files.report.add('missing-type', `${showText(files.name)} has no type`, {
      at: files.place('type'),
      hint: `write one of ${TYPES.join(', ')} into it, or move the directory out of the source`,
    });
    return null;
  }
  const text = files.text('type');
  if (text === null) return null;
  const exact = TYPES.find((type) => text === `${type}\n` || text === type);
  if (exact !== undefined) return exact;
  const first = TYPES.find((type) => type.length === 7 && text.startsWith(`${type}\n`));
  if (first !== undefined) {
    files.report.add('text-after-type', `what follows ${first} is ignored`, {
      at: files.place('type', 2),
      hint: 'remove it',
    });
    return first;
  }
  const near = nearest(text.trim().toLowerCase(), TYPES);
  files.report.add('bad-type', `type must be longrun, oneshot or bundle, and it says ${showText(text.slice(0, 60))}`, {
    at: files.place('type', 1),
    hint:
      near.length > 0
        ? `write exactly ${near[0]}, and at most one newline`
        : 'write one of the three, and at most one newline',
  });
  // What it is meant to be: the rest of its mistakes are found in the same run.
  return TYPES.find((type) => type === near[0]) ?? null;
}

function parseBundle(files: DefinitionFiles, { name }: DefinitionName): ParsedBundle | null {
  const contents = readNames(files, 'contents.d', 'contents');
  if (contents === null && !files.has('contents.d') && !files.has('contents')) {
    files.report.add('missing-contents', `the bundle ${showName(name)} has neither contents.d nor contents`, {
      at: files.place('contents'),
      hint: 'make the directory contents.d, with an empty file named after each member',
    });
  }
  if (contents === null) return null;
  return {
    kind: 'bundle',
    name,
    path: files.source.path,
    place: files.place,
    flags: readSharedFlags(files),
    description: readDescription(files),
    contents,
  };
}

function parseService(files: DefinitionFiles, identity: DefinitionName, type: 'longrun' | 'oneshot'): ParsedService {
  const { name, instance } = identity;
  const expand = (references: References) => (instance === null ? references : expanded(references, instance));
  const definition = type === 'longrun' ? readLongrun(files, instance) : readOneshot(files, instance);
  const isPiped = type === 'longrun' && files.isAbout('pipeline');
  const user = definition?.type === 'longrun' ? definition.process.user : undefined;
  const pipeline = isPiped ? readPipeline(files) : NO_PIPELINE;
  const { pipelineName } = pipeline;
  const order = files.isAbout('order') ? readOrder(files) : NO_ORDER;
  const policy = files.isAbout('policy') ? readPolicy(files, type) : NO_POLICY[type];
  return {
    kind: type === 'longrun' ? LONGRUN : ONESHOT,
    name,
    path: files.source.path,
    place: files.place,
    flags: readFlags(files, type),
    timeoutUp: policy.timeoutUp,
    timeoutDown: policy.timeoutDown,
    onUpdate: policy.onUpdate,
    description: policy.description,
    renamedFrom: expand(policy.renamedFrom).entries,
    dependencies: expand(readDependencies(files)),
    wants: expand(order.wants),
    after: expand(order.after),
    before: expand(order.before),
    conflicts: expand(order.conflicts),
    producerFor: expand(pipeline.producerFor),
    consumerFor: expand(pipeline.consumerFor),
    pipelineName: pipelineName === null || instance === null ? pipelineName : instantiated(pipelineName, instance),
    sequels: type === 'longrun' ? readSequelReferences(files).map(expand) : [],
    definition: definition ?? UNUSABLE,
    logger: isPiped ? readLogger(files, { ...identity, user }) : null,
  };
}

/**
 * In place of one that cannot be used. Its place among the others is checked all the same, so that all that is wrong is
 * said in one run; no database comes of it, since an error was reported.
 */
const UNUSABLE: Oneshot = {
  type: 'oneshot',
  up: { form: 'argv', argv: [] },
  down: { form: 'argv', argv: [] },
  reload: null,
  instance: null,
};

const DEFAULT_ON_UPDATE = { longrun: 'restart', oneshot: 'keep' } as const;
const NO_POLICY = { longrun: policyWith(DEFAULT_ON_UPDATE.longrun), oneshot: policyWith(DEFAULT_ON_UPDATE.oneshot) };
const NO_ORDER = {
  wants: NO_REFERENCES,
  after: NO_REFERENCES,
  before: NO_REFERENCES,
  conflicts: NO_REFERENCES,
};
const NO_PIPELINE = { producerFor: NO_REFERENCES, consumerFor: NO_REFERENCES, pipelineName: null };

type Policy = Pick<ParsedService, 'timeoutUp' | 'timeoutDown' | 'onUpdate' | 'description'> & {
  readonly renamedFrom: References;
};

/** Of a definition that says no more than that. */
function policyWith(onUpdate: OnUpdate): Policy {
  return {
    timeoutUp: 0,
    timeoutDown: 0,
    onUpdate: ON_UPDATE.indexOf(onUpdate),
    description: '',
    renamedFrom: NO_REFERENCES,
  };
}

function readPolicy(files: DefinitionFiles, type: 'longrun' | 'oneshot'): Policy {
  return {
    timeoutUp: readTimeout(files, 'timeout-up'),
    timeoutDown: readTimeout(files, 'timeout-down'),
    onUpdate: ON_UPDATE.indexOf(readOnUpdate(files, type)),
    description: readDescription(files),
    renamedFrom: readNameFile(files, 'renamed-from') ?? NO_REFERENCES,
  };
}

function readOrder(files: DefinitionFiles): typeof NO_ORDER {
  return {
    wants: readNameDirectory(files, 'wants.d') ?? NO_REFERENCES,
    after: readNameDirectory(files, 'after.d') ?? NO_REFERENCES,
    before: readNameDirectory(files, 'before.d') ?? NO_REFERENCES,
    conflicts: readNameDirectory(files, 'conflicts.d') ?? NO_REFERENCES,
  };
}

function readDependencies(files: DefinitionFiles): References {
  if (files.has('dependencies.d')) return readDependencyDirectory(files);
  return readNameFile(files, 'dependencies') ?? NO_REFERENCES;
}

function readSharedFlags(files: DefinitionFiles): number {
  if (!files.isAbout('policy')) return files.isPrivate ? FLAG.private : 0;
  const said =
    (files.has('flag-essential') ? FLAG.essential : 0) | (files.has('flag-recommended') ? FLAG.recommended : 0);
  return said | (files.isPrivate ? FLAG.private : 0);
}

/** A longrun is told to reload by a signal, a oneshot by a script. */
function readOnUpdate(files: DefinitionFiles, type: 'longrun' | 'oneshot'): OnUpdate {
  const said = readWord(files, 'on-update', ON_UPDATE);
  if (type === 'oneshot' && said === 'reload' && !files.has('reload'))
    files.report.add(
      'nothing-to-reload',
      `on-update says reload, and ${showName(files.name)} has no reload: it is kept`,
      {
        at: files.place('on-update', 1),
        hint: 'write the command line reload, or say keep or rerun',
      },
    );
  return said ?? DEFAULT_ON_UPDATE[type];
}

function readFlags(files: DefinitionFiles, type: 'longrun' | 'oneshot'): number {
  const isSaid = files.isAbout('policy');
  const manual = (isSaid && files.has('flag-manual')) || (type === 'longrun' && isEmptyFile(files, 'down'));
  const console = isSaid && type === 'oneshot' && files.has('flag-console');
  return readSharedFlags(files) | (manual ? FLAG.manual : 0) | (console ? FLAG.console : 0);
}

function isEmptyFile(files: DefinitionFiles, file: string): boolean {
  const entry = files.source.entries.get(file);
  return entry?.kind === 'file' && entry.bytes.length === 0;
}

function readDescription(files: DefinitionFiles): string {
  return files.has('description') ? (files.text('description') ?? '').trim().split(/[\n\0]/, 1)[0]! : '';
}

function expanded(references: References, instance: string): References {
  return { list: references.list, entries: references.entries.map((reference) => instantiated(reference, instance)) };
}

function instantiated(reference: Reference, instance: string): Reference {
  return { ...reference, name: expandInstance(reference.name, instance), written: reference.name };
}

function broken(files: DefinitionFiles, { name }: DefinitionName): Parsed {
  return { kind: 'broken', name, path: files.source.path, place: files.place };
}
