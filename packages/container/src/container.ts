/** A container's process 1, from its first step to its last. The way is told in preparation.ts. */

import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { bundlesByName, type Database, LONGRUN, servicesByName } from '@muster/core/model/database';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { removeLive } from '@muster/store/live/remove';
import { CatchAll } from '@muster/tree/catch-all/catch-all';
import { healthFile } from '@muster/tree/health';
import { oneshotsInTree } from '@muster/tree/oneshots/companion';
import { type Companion, runTree } from '@muster/tree/tree';
import { keepStandardInput } from './command.ts';
import { findDatabase } from './database.ts';
import type { EngineEvent } from './engine.ts';
import { ContainerLife } from './life.ts';
import { makeLive } from './live.ts';
import type { ContainerOutput } from './output.ts';
import type { Preparation } from './preparation.ts';

const MISTAKES = 1;
const WRONG_USAGE = 100;

/** What is told to people. */
export interface ContainerVoice {
  readonly output: ContainerOutput;
  /** What the engine does, in words; null if it is not worth any. */
  words(event: EngineEvent): string | null;
  diagnostics(diagnostics: readonly Diagnostic[]): void;
}

/** Returns what the container exits with. `muster`: path of the executable. Throws what the system says. */
export async function runContainer(preparation: Preparation, muster: string, voice: ContainerVoice): Promise<number> {
  const { output } = voice;
  const { places, sources, settings, environment } = preparation;
  if (places.choice !== null) output.say(places.choice);
  const found = findDatabase(places.compiled, sources);
  if (!found.ok) {
    voice.diagnostics(found.problem);
    return MISTAKES;
  }
  const { target, diagnostics, passedOver } = found.value;
  if (passedOver !== null) output.say(passedOver);
  voice.diagnostics(diagnostics);
  const services = servicesByName(target.database);
  const unfit = settings.exitWith === null ? null : whyUnfit(target.database, settings.exitWith);
  if (unfit !== null) {
    output.say(`--exit-with: ${unfit}`);
    return WRONG_USAGE;
  }
  const hasBoot = services.has(settings.boot) || bundlesByName(target.database).has(settings.boot);
  if (!hasBoot && services.size > 0) output.say(`nothing is called ${settings.boot}: nothing is brought up`);
  // Programs that look for the live directory find it, wherever it is.
  for (const each of [environment, preparation.commandEnvironment]) each.set('RC_LIVE', places.live);
  const made = await makeLive(places.live, target, environment.bytes(), muster);
  if (!made.ok) {
    output.say(made.problem.message);
    return made.problem.status;
  }
  const paths = made.value;
  const input = keepStandardInput();
  const limit = originalOpenFilesLimit();
  const catchAll = new CatchAll(paths.root, output);
  // Also for rc-log.
  const say = (line: string) => {
    catchAll.say(line);
    output.say(line);
  };
  const spoken = { say, words: (event: EngineEvent) => voice.words(event) };
  const life = new ContainerLife({ preparation, paths, muster, input, limit, hasBoot, voice: spoken });
  try {
    await runTree(paths.scan, {
      pipes: paths.pipes,
      environment: environment.bytes(),
      output: catchAll,
      ignoresSignals: true,
      // The catch-all first: the others write to it.
      companions: [writing(output), catchAll, oneshotsInTree(paths.root), healthFile(paths), life],
      warn: say,
    });
  } finally {
    catchAll.close();
    removeLive(paths.root);
  }
  return life.status;
}

/** Why the end of a service cannot be the container's; null if it can. */
function whyUnfit(database: Database, name: string): string | null {
  const service = servicesByName(database).get(name);
  if (service === undefined) return `there is no service ${name}`;
  return database.kinds[service] === LONGRUN ? null : `${name} is a oneshot, which is up once it has ended`;
}

/** From the tree's first turn on it can wait until there is room. */
function writing(output: ContainerOutput): Companion {
  return { begin: ({ reactor }) => output.begin(reactor), end: (done) => done() };
}
