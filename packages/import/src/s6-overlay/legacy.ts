/**
 * The directories that s6-overlay had before it knew s6-rc, as definitions:
 *
 *     fix-attrs ◀── cont-init-A ◀─ (after) ── cont-init-B ◀─┐
 *                   cont-finish-B ◀─ (after) ─ cont-finish-A ◀┴─ legacy-cont-init ◀── base ◀── user ◀┐
 *                                                            services.d/NAME ◀── legacy-services ◀── user2
 *
 * A script that fails holds back nobody, unless S6_BEHAVIOUR_IF_STAGE2_FAILS is 2: then what comes after it needs it.
 */
import { type ImportedFile, textFile } from '../definitions/files.ts';
import type { LegacyService, OverlayImage, OverlayScript } from './image.ts';
import { shebangOf } from './programs.ts';
import type { OverlaySettings } from './settings.ts';

export interface LegacyContext {
  readonly image: OverlayImage;
  readonly settings: OverlaySettings;
  /** Words by which rc-overlay is executed. */
  readonly overlay: readonly string[];
}

/** Names that s6-overlay gives to what comes with it, and the image's definitions refer to. */
export const OWN_NAMES = ['top', 'base', 'fix-attrs', 'legacy-cont-init', 'legacy-services'] as const;

/** Without services.d, which `legacyServices` makes. */
export function initAndFinish(context: LegacyContext): ImportedFile[] {
  const { image, settings, overlay } = context;
  const init = image.init.map((script) => [`cont-init-${nameOf(script)}`, script] as const);
  const finish = image.finish.map((script) => [`cont-finish-${nameOf(script)}`, script] as const);
  const attributes = image.hasAttributes ? [...overlay, 'fix-attrs', `${image.etc}/fix-attrs.d`] : [];
  return [
    ...bundle('base', ['fix-attrs', 'legacy-cont-init']),
    ...oneshot('fix-attrs', { up: commandLine(attributes) }),
    ...init.flatMap(([name, script], index) =>
      oneshot(name, { up: commandLine(wordsFor(script)), after: ['fix-attrs', ...namesAt(init, index - 1)] }),
    ),
    // The first is the first to go, so it comes up after the others.
    ...finish.flatMap(([name, script], index) =>
      oneshot(name, {
        up: '',
        down: commandLine(wordsFor(script)),
        after: namesAt(finish, index + 1),
        ...(settings.finishLimit > 0 ? { timeoutDown: settings.finishLimit } : {}),
      }),
    ),
    ...oneshot('legacy-cont-init', {
      up: '',
      [needed(settings)]: ['fix-attrs', ...init.map(([name]) => name)],
      after: finish.map(([name]) => name),
      alongside: finish.map(([name]) => name),
    }),
  ];
}

/** `names`: of all other definitions; a service that has one of them is left out, and told. */
export function legacyServices(
  context: LegacyContext,
  names: ReadonlySet<string>,
): { files: ImportedFile[]; untaken: string[] } {
  const { image, settings } = context;
  const untaken = image.services
    .filter(({ name }) => names.has(name))
    .map(({ name, path }) => `${path}: there is a definition called ${name} as well, which is taken`);
  const taken = image.services.filter(({ name }) => !names.has(name));
  const startable = taken.filter(({ files }) => files.some(({ path }) => path === 'run'));
  for (const { path } of taken.filter((service) => !startable.includes(service)))
    untaken.push(`${path}: it has no run`);
  const members = startable.map(({ name }) => name);
  const files = [
    ...startable.flatMap((service) => longrun(service, settings)),
    ...oneshot('legacy-services', { up: '', needs: ['base', 'user'], [needed(settings)]: members }),
  ];
  return { files, untaken };
}

/** What a service directory of s6 and a definition have in common. */
const KEPT: ReadonlySet<string> = new Set(
  'run finish notification-fd timeout-finish timeout-kill lock-fd max-death-tally down-signal flag-newpidns down'.split(
    ' ',
  ),
);
const KEPT_BELOW = /^(?:data|env|log)\//;

function longrun({ name, path, files }: LegacyService, settings: OverlaySettings): ImportedFile[] {
  const kept = files.filter((file) => KEPT.has(file.path) || KEPT_BELOW.test(file.path));
  const has = (file: string) => files.some((each) => each.path === file);
  return [
    textFile(`${name}/type`, 'longrun\n'),
    ...['base', 'user'].map((need) => textFile(`${name}/dependencies.d/${need}`, '')),
    // What its scripts look for beside them is not in the service directory that is made of this.
    ...(kept.length < files.length ? [textFile(`${name}/working-directory`, `${path}\n`)] : []),
    ...(has('timeout-kill') ? [] : [textFile(`${name}/timeout-kill`, `${settings.servicesGrace}\n`)]),
    ...kept.map((file) => ({ ...file, path: `${name}/${file.path}` })),
  ];
}

interface Oneshot {
  readonly up: string;
  readonly down?: string;
  readonly needs?: readonly string[];
  readonly wants?: readonly string[];
  /** Wanted, whatever fails. */
  readonly alongside?: readonly string[];
  readonly after?: readonly string[];
  /** Milliseconds. */
  readonly timeoutDown?: number;
}

function oneshot(
  name: string,
  { up, down, needs = [], wants = [], alongside = [], after = [], timeoutDown }: Oneshot,
): ImportedFile[] {
  const list = (directory: string, names: readonly string[]) =>
    names.map((each) => textFile(`${name}/${directory}/${each}`, ''));
  return [
    textFile(`${name}/type`, 'oneshot\n'),
    textFile(`${name}/up`, up),
    ...(down === undefined ? [] : [textFile(`${name}/down`, down)]),
    ...(timeoutDown === undefined ? [] : [textFile(`${name}/timeout-down`, `${timeoutDown}\n`)]),
    ...list('dependencies.d', needs),
    ...list('wants.d', [...wants, ...alongside]),
    ...list('after.d', after),
  ];
}

export function bundle(name: string, contents: readonly string[]): ImportedFile[] {
  return [
    textFile(`${name}/type`, 'bundle\n'),
    ...(contents.length === 0 ? [textFile(`${name}/contents`, '')] : []),
    ...contents.map((each) => textFile(`${name}/contents.d/${each}`, '')),
  ];
}

function needed({ ifBootFails }: OverlaySettings): 'needs' | 'wants' {
  return ifBootFails >= 2 ? 'needs' : 'wants';
}

/** Version 2 made scripts executable before it ran them, which a root that cannot be written does not allow. */
function wordsFor(script: OverlayScript): readonly string[] {
  return script.isExecutable ? [script.path] : [...(shebangOf(script) ?? ['/bin/sh']), script.path];
}

function commandLine(words: readonly string[]): string {
  return `${words.map((word) => `"${word.replaceAll(/["\\]/g, '\\$&')}"`).join(' ')}\n`;
}

const nameOf = ({ path }: OverlayScript) => path.slice(path.lastIndexOf('/') + 1);
const namesAt = (list: readonly (readonly [string, unknown])[], index: number): string[] =>
  list[index] === undefined ? [] : [list[index][0]];
