/**
 * Loggers. A longrun with a `log` file, or with the classic directory `log/`, gets a second longrun, `NAME-log`, whose
 * producer it becomes. From then on that is an ordinary pipeline. s6-rc ignores `log/`, so that a source may have one
 * beside a pipeline that does the same: such a directory stays ignored, with a warning.
 */
import type { Report } from '../diagnostics/report.ts';
import { LONGRUN, ON_UPDATE } from '../model/database.ts';
import type { Longrun } from '../model/definition.ts';
import { loggerName } from '../model/logger-name.ts';
import { DefinitionFiles } from './files.ts';
import { readLogDirectives } from './log-directives.ts';
import { PLAIN_LONGRUN, readLongrun } from './longrun.ts';
import { checkName, showName } from './names.ts';
import {
  isService,
  NO_REFERENCES,
  type Parsed,
  type ParsedLogger,
  type ParsedService,
  type Reference,
} from './parsed.ts';

/**
 * The logger of a `log` file runs as the `user` of its producer, unless it says otherwise: as root it would write root's files
 * into a directory that may be that user's.
 */
export function readLogger(
  files: DefinitionFiles,
  {
    name,
    instance,
    user: producersUser,
  }: { readonly name: string; readonly instance: string | null; readonly user: string | undefined },
): ParsedLogger | null {
  const entry = files.source.entries.get('log');
  if (entry === undefined) return null;
  if (entry.kind !== 'directory') {
    const said = readLogDirectives(files, instance);
    if (said === null) return null;
    const user = said.user ?? producersUser;
    const process = user === undefined ? {} : { user };
    const { logger } = said;
    return { origin: 'file', service: loggerService(files, name, { ...PLAIN_LONGRUN, logger, process, instance }) };
  }
  const inner = loggerFiles(files);
  if (inner === null || files.has('producer-for')) {
    const reason = files.has('producer-for') ? `${showName(name)} has a consumer already` : 'it has no run';
    files.report.add('log-directory-unused', `log/ is ignored: ${reason}`, {
      at: files.place('log'),
      hint: 'remove it, or let it say what consumes the output',
    });
    return null;
  }
  const longrun = readLongrun(inner, instance);
  return longrun === null ? null : { origin: 'directory', service: loggerService(files, name, longrun) };
}

/** The classic layout, as a definition of its own; null if `log` is none. */
export function loggerFiles(files: DefinitionFiles): DefinitionFiles | null {
  const entry = files.source.entries.get('log');
  if (entry?.kind !== 'directory' || !entry.entries.has('run')) return null;
  const { name, path, lineOf } = files.source;
  const source = { name: loggerName(name), entries: entry.entries };
  return lineOf === undefined
    ? new DefinitionFiles({ ...source, path: `${path}/log` }, files.report)
    : new DefinitionFiles({ ...source, path, lineOf: () => lineOf('log') }, files.report);
}

function loggerService(files: DefinitionFiles, producer: string, definition: Longrun): ParsedService {
  return {
    kind: LONGRUN,
    name: loggerName(producer),
    path: files.source.path,
    place: files.place,
    flags: 0,
    timeoutUp: 0,
    timeoutDown: 0,
    onUpdate: ON_UPDATE.indexOf('restart'),
    description: `log of ${producer}`,
    renamedFrom: [],
    dependencies: NO_REFERENCES,
    wants: NO_REFERENCES,
    after: NO_REFERENCES,
    before: NO_REFERENCES,
    conflicts: NO_REFERENCES,
    producerFor: NO_REFERENCES,
    consumerFor: { list: 'log', entries: [wholeList(producer)] },
    pipelineName: null,
    sequels: [],
    definition,
    logger: null,
  };
}

const LOG = 'log';

/** Whether the service writes to the logger that its own definition asks for. */
export function hasOwnLogger({ producerFor }: ParsedService): boolean {
  return producerFor.list === LOG;
}

function wholeList(name: string): Reference {
  return { name, line: -1, onRestart: 0 };
}

/** Adds the loggers that the definitions ask for to them. */
export function addLoggers(definitions: Map<string, Parsed>, report: Report): void {
  for (const parsed of [...definitions.values()]) {
    if (!isService(parsed) || parsed.logger === null) continue;
    const { origin, service } = parsed.logger;
    if (!checkName(service.name, parsed.place(LOG), report)) continue;
    const taken = definitions.get(service.name);
    if (parsed.producerFor.entries.length > 0 || taken !== undefined) {
      refuseLogger(parsed, origin, taken, report);
      continue;
    }
    // An essential service may not depend on one that an ordinary stop takes down.
    definitions.set(service.name, { ...service, flags: parsed.flags });
    definitions.set(parsed.name, { ...parsed, producerFor: { list: LOG, entries: [wholeList(service.name)] } });
  }
}

function refuseLogger(
  producer: ParsedService,
  origin: ParsedLogger['origin'],
  taken: Parsed | undefined,
  report: Report,
): void {
  const at = producer.place('log');
  const log = showName(`${producer.name}-log`);
  if (origin === 'directory') {
    report.add('log-directory-unused', `log/ is ignored: ${log} is defined elsewhere`, {
      at,
      notes: taken === undefined ? [] : [{ message: `${log} is defined here`, at: { file: taken.path } }],
      hint: 'remove one of the two',
    });
  } else if (taken === undefined || producer.producerFor.entries.length > 0) {
    report.add('two-consumers', `${showName(producer.name)} has both a log and a producer-for`, {
      at,
      notes: [{ message: 'the other consumer is named here', at: producer.place('producer-for', 1) }],
      hint: 'a producer has one consumer: remove one of the two files',
    });
  } else {
    report.add('duplicate', `${log}, which this log file defines, is defined twice`, {
      at,
      notes: [{ message: 'it is also defined here', at: { file: taken.path } }],
      hint: 'rename or remove one of the two',
    });
  }
}
