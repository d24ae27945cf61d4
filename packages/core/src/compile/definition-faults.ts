/**
 * What the compiler promises of a definition, for who has only its word for it: a database may come from elsewhere, with a
 * checksum that is right. Each rule is the one by which the compiler judges what it reads.
 */
import {
  type Database,
  entryOf,
  FLAG,
  hasFlag,
  LONGRUN,
  nameOf,
  ONESHOT,
  type ServiceId,
  serviceId,
} from '../model/database.ts';
import type { Definition, Longrun, Oneshot, OneshotCommand, ProcessAttributes } from '../model/definition.ts';
import { INSTANCE, type Template, type TemplateIndex, type TemplateTable } from '../model/template.ts';
import { areOpenFiles, faultOfFiles } from './allowed-files.ts';
import { LONGEST_COMMAND } from './lexer.ts';
import { areLogDirectives } from './log-directives.ts';
import { isFactor } from './longrun.ts';
import { isName } from './names.ts';
import { isLimit } from './process-attributes.ts';
import { areSuccessCodes } from './restart-policy.ts';
import { isSequel } from './sequels.ts';
import { isForOther } from './shebang.ts';
import { isSignal } from './signals.ts';

/** What no compiler writes in the definition of `service`, in one sentence; null if it keeps every promise. */
export function faultOfDefinition(
  database: Pick<Database, 'names' | 'kinds' | 'flags'>,
  service: ServiceId,
  definition: Definition,
): string | null {
  const name = nameOf(database, service);
  const isLongrun = definition.type === 'longrun';
  if ((database.kinds[service] === LONGRUN) !== isLongrun) return 'it is of two types';
  const { instance } = definition;
  if (instance !== null && !isInstanceOf(name, instance)) return 'it is not the instance that its name says';
  if (definition.type === 'oneshot') return faultOfOneshot(definition);
  if (hasFlag(database, service, 'readiness') !== notifiesReadiness(definition))
    return 'it is of two minds on readiness';
  if (!areOpenFiles(definition.files) && !hasFlag(database, service, 'private'))
    return 'it is private, and not said to be';
  return faultOfLongrun(definition);
}

/** What no compiler writes in a template, likewise. */
export function faultOfTemplate(
  { names, flags }: Pick<TemplateTable, 'names' | 'flags'>,
  index: TemplateIndex,
  template: Template,
): string | null {
  const { definition, logger } = template;
  if (definition.instance !== INSTANCE) return 'it says of no instance what is to be done';
  if ([...referencesOf(template)].some((name) => !isName(name.replaceAll(INSTANCE, 'i')))) return 'it names nobody';
  if (template.description.includes('\n')) return 'its description has more than a line';
  const asService = (suffix: string, service: Definition, bits: number): string | null => {
    const kinds = Uint8Array.of(service.type === 'longrun' ? LONGRUN : ONESHOT);
    return faultOfDefinition(
      { names: [`${entryOf(names, index)}${INSTANCE}${suffix}`], kinds, flags: Uint8Array.of(bits) },
      serviceId(0),
      service,
    );
  };
  const fault = asService('', definition, entryOf(flags, index));
  if (fault !== null || logger === null) return fault;
  if (definition.type !== 'longrun') return 'it is a oneshot with a logger';
  const readiness = notifiesReadiness(logger) ? FLAG.readiness : 0;
  return asService('-log', logger, (entryOf(flags, index) & FLAG.private) | readiness);
}

function* referencesOf(template: Template): Generator<string> {
  yield* template.renamedFrom;
  for (const { name } of template.dependencies) yield name;
  for (const list of ['wants', 'after', 'before', 'conflicts', 'consumerFor'] as const) yield* template[list];
  if (template.producerFor !== null) yield template.producerFor;
  if (template.pipelineName !== null) yield template.pipelineName;
}

/** Of the loggers of an instance, too. */
function isInstanceOf(name: string, instance: string): boolean {
  return instance !== '' && (name.endsWith(`@${instance}`) || name.endsWith(`@${instance}-log`));
}

function notifiesReadiness({ notificationFd, readyCheck, readyAfter }: Longrun): boolean {
  return notificationFd !== null || readyCheck !== null || readyAfter !== null;
}

function faultOfLongrun(longrun: Longrun): string | null {
  const { files, logger, downSignal, reloadSignal, restart, readyCheck } = longrun;
  const has = (path: string): boolean => files.some((file) => file.path === path);
  if ((logger === null) !== has('run') || (logger !== null && files.length > 0)) return 'it has no run, or two';
  if ((readyCheck !== null) !== has('ready-check')) return 'its ready-check is missing, or not said to be there';
  if ([downSignal, reloadSignal].some((signal) => signal !== null && !isSignal(signal))) return 'it has no such signal';
  if (restart.delayMin > restart.delayMax || restart.limit?.window === 0) return 'its restart policy cannot be kept';
  if ([longrun.onFailed, longrun.onDone].some((sequel) => sequel !== null && !isSequel(sequel)))
    return 'what follows its end cannot be done';
  if (!isFactor(longrun.restartDelayFactor)) return 'its restart-delay-factor is none';
  if (!areSuccessCodes(restart.successCodes)) return 'its success-codes are none';
  if (logger !== null && !areLogDirectives(logger)) return 'its logger cannot do what it is told';
  return faultOfFiles(files) ?? faultOfProcess(longrun.process);
}

function faultOfProcess(process: ProcessAttributes): string | null {
  const { user, supplementaryGroups = [], workingDirectory, umask = 0, nice = 0, limits = [] } = process;
  const isSorted = limits.every(([resource], i) => (limits[i - 1]?.[0] ?? '') < resource);
  const isRight =
    [user, workingDirectory].every(
      (line) => line === undefined || (line !== '' && line === line.trim() && !/[\n\0]/.test(line)),
    ) &&
    supplementaryGroups.every((group) => !/[\n \t,]/.test(group)) &&
    umask <= 0o7777 &&
    nice >= -20 &&
    nice <= 19;
  return isRight && isSorted && limits.every(isLimit) ? null : 'its process cannot be as it says';
}

function faultOfOneshot({ up, down, reload }: Oneshot): string | null {
  return faultOfCommand(up) ?? faultOfCommand(down) ?? (reload === null ? null : faultOfCommand(reload));
}

function faultOfCommand(command: OneshotCommand): string | null {
  if (command.form === 'script') return isForOther(command.content) ? null : 'a script of it names no interpreter';
  const size = command.argv.reduce((sum, word) => sum + word.length + 1, 0);
  return size <= LONGEST_COMMAND && !command.argv.some((word) => word.includes(0))
    ? null
    : 'a command line of it cannot be executed';
}
