/** An image of s6-overlay in rc-container: its definitions in RAM, its variables as settings, and what its scripts call. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { failure, success } from '@muster/core/result';
import { readOverlay } from '@muster/import/s6-overlay/read-image';
import { type OverlaySettings, overlaySettings } from '@muster/import/s6-overlay/settings';
import { translateOverlay } from '@muster/import/s6-overlay/translate';
import { writeSource } from '@muster/import/write/write-source';
import { Environment } from '../environment.ts';
import type { Extension, Preparation, Settings, StartProblem } from '../preparation.ts';
import { OverlayRunDirectory } from './run-directory.ts';

const CANNOT_GO_ON = 111;
const STOPS = 2;
const TELLS_STEPS = 2;

/** `muster`: path of the executable. */
export function overlayExtension(muster: string): Extension {
  return (preparation, tell) => {
    const variables = variablesOf(preparation.commandEnvironment);
    const settings = overlaySettings(variables);
    const run = new OverlayRunDirectory(muster);
    const container = preparation.commandEnvironment.copy();
    container.set('PATH', `${settings.path}:${run.programs}`);
    const { live, scratch } = preparation.places;
    try {
      run.make(live, container);
    } catch (error) {
      tell(`/run/s6 cannot be made (${codeOf(error)}): with-contenv, halt and exit codes of scripts do not work`);
    }
    const hooked = settings.hook === null ? null : runHook(settings.hook, settings, container, tell);
    if (hooked !== null) return failure(hooked);

    const image = readOverlay('', settings);
    const source = translateOverlay({ image, settings, variables, overlay: [muster, 'overlay', '--'] });
    for (const line of source.untaken) tell(`s6-overlay: ${line}`);
    try {
      run.offer(source.programs.offered);
      for (const line of run.offerAt(source.programs.links)) tell(`s6-overlay: ${line}`);
    } catch (error) {
      tell(`s6-overlay: programs that the image lacks cannot be offered: ${codeOf(error)}`);
    }
    const directory = join(scratch, 's6-overlay');
    try {
      rmSync(directory, { recursive: true, force: true });
      writeSource(directory, source.files);
    } catch (error) {
      return failure({ status: CANNOT_GO_ON, message: `${directory} cannot be written: ${codeOf(error)}` });
    }
    const services = settings.keepEnvironment ? container : withPathOnly(container);
    return success({
      ...preparation,
      environment: services,
      commandEnvironment: services.copy(),
      sources: [...preparation.sources, directory],
      settings: { ...preparation.settings, ...containerSettings(settings, preparation.settings, source.boot) },
      hooks: hooksFor(run, preparation),
      command: preparation.command.length === 0 ? [] : [...settings.commandPrefix, ...preparation.command],
    });
  };
}

function containerSettings(overlay: OverlaySettings, given: Settings, boot: string): Partial<Settings> {
  return {
    boot,
    bootLimit: overlay.bootLimit ?? given.bootLimit,
    onFailure: overlay.ifBootFails >= STOPS ? 'exit' : given.onFailure,
    grace: Math.max(given.grace, overlay.grace ?? 0),
    verbose: given.verbose || overlay.verbosity >= TELLS_STEPS,
  };
}

/** What scripts write last counts: the end of the command is known to them. */
function hooksFor(run: OverlayRunDirectory, { hooks }: Preparation): Preparation['hooks'] {
  return {
    commandEnded: (status) => {
      hooks.commandEnded?.(status);
      try {
        run.exitCode = status;
      } catch {
        // It was told at the start that there is no such place.
      }
    },
    lastStatus: (status) => hooks.lastStatus?.(run.exitCode ?? status) ?? run.exitCode ?? status,
  };
}

function runHook(
  hook: string,
  settings: OverlaySettings,
  environment: Environment,
  tell: (line: string) => void,
): StartProblem | null {
  const words = hook.split(/[ \t\n]+/).filter(Boolean);
  const env = Object.fromEntries(environment.names.map((name) => [name, environment.get(name)!]));
  const { status, signal, error } = spawnSync(words[0]!, words.slice(1), { env, stdio: 'inherit' });
  if (status === 0) return null;
  const how = error === undefined ? `exited with ${status ?? signal}` : `cannot be run: ${codeOf(error)}`;
  if (settings.ifBootFails < STOPS) {
    tell(`s6-overlay: the hook ${hook} ${how}`);
    return null;
  }
  return { status: status ?? 1, message: `the hook ${hook} ${how}` };
}

function withPathOnly(environment: Environment): Environment {
  const only = new Environment(new Uint8Array());
  only.set('PATH', environment.get('PATH')!);
  return only;
}

function variablesOf(environment: Environment): ReadonlyMap<string, string> {
  return new Map(environment.names.map((name) => [name, environment.get(name)!]));
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);
