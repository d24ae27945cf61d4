/** rc-container: a container's process 1. What it does is in packages/container. */
import { existsSync } from 'node:fs';
import { type ContainerVoice, runContainer } from '@muster/container/container';
import type { EngineEvent } from '@muster/container/engine';
import { Environment, keepOnly, readSecrets } from '@muster/container/environment';
import { ContainerOutput } from '@muster/container/output';
import { choosePlaces } from '@muster/container/places';
import type { Preparation, Settings, StartProblem } from '@muster/container/preparation';
import { overlayExtension } from '@muster/container/s6-overlay/extension';
import { HELD, HELD_FIRST } from '@muster/container/signals';
import { isSystemError } from '@muster/control/thrown';
import { failure, type Result, success } from '@muster/core/result';
import { hasOverlay } from '@muster/import/s6-overlay/read-image';
import { passOnInheritedDescriptors } from '@muster/posix/descriptors';
import { runWithoutThreads } from '@muster/posix/engine';
import { originalEnvironment } from '@muster/posix/environment';
import { holdSignals } from '@muster/posix/held-signals';
import type { Call, Command } from '../arguments/command.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { textOfSystemError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { printsInColor, tell, tellsInColor } from '../output.ts';
import { renderDiagnostics } from '../render/diagnostics.ts';
import { failureText } from '../render/progress.ts';

const PROGRAM = 'rc-container';
/** Milliseconds. Docker kills after ten seconds. */
const GRACE = 8000;
const BOOT = 'default';
const ON_FAILURE = ['go-on', 'exit'];

export const command: Command = {
  summary: "Is a container's process 1: brings `default` up, runs a command, and ends all of it in order",
  operands: '[--] [COMMAND…]',
  options: {
    grace: {
      short: 'g',
      value: 'TIME',
      help: 'from the first request to stop until what is left is killed (default: 8s)',
    },
    'exit-with': { value: 'NAME', help: "the end of this service is the container's, with its exit status" },
    'on-failure': {
      value: 'WHAT',
      choices: ON_FAILURE,
      help: 'a service that fails: go-on (the default), or exit with its status',
    },
    'keep-env': { value: 'NAMES', help: 'of the environment, services get PATH and these only (commas between)' },
    secrets: { value: 'NAMES', help: 'NAME is read from the file that NAME_FILE names, also outside of /run/secrets' },
    prefix: { short: 'p', help: 'names of services in front of the lines that they write' },
    's6-overlay': {
      help: 'take the services of an image of s6-overlay (so without a source, where /etc has what s6-overlay reads)',
    },
    verbose: { short: 'v', help: 'tell each step, not only what goes wrong' },
    live: { short: 'l', value: 'DIR', help: 'the live directory to make (RC_LIVE)' },
  },
  examples: [
    ['rc-container', 'services only, until the container is stopped'],
    ['rc-container -- nginx -g "daemon off;"', 'services, then a command; its end is the end'],
    ['rc-container --exit-with web --on-failure exit', 'for an orchestrator that starts containers again'],
  ],
  endsAtOperand: true,
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  holdSignals(HELD_FIRST);
  runWithoutThreads();
  holdSignals(HELD);
  passOnInheritedDescriptors();
  const settings = settingsFrom(call);
  if (!settings.ok) return wrongUsage(PROGRAM, settings.problem);
  const voice = voiceOf(settings.value);
  const commandEnvironment = new Environment(originalEnvironment());
  for (const complaint of readSecrets(commandEnvironment, namesIn(call, 'secrets'))) voice.output.say(complaint);
  const environment = commandEnvironment.copy();
  if (call.has('keep-env')) keepOnly(environment, namesIn(call, 'keep-env'));
  const places = choosePlaces(commandEnvironment, call.value('live'));
  if (!places.ok) {
    voice.output.say(places.problem.message);
    return places.problem.status;
  }
  const preparation: Preparation = {
    places: places.value,
    environment,
    commandEnvironment,
    sources: [places.value.source],
    settings: settings.value,
    hooks: {},
    command: call.operands,
  };
  try {
    const extended = extend(preparation, call.has('s6-overlay'), voice);
    if (extended.ok) return await runContainer(extended.value, process.execPath, voice);
    voice.output.say(extended.problem.message);
    return extended.problem.status;
  } catch (error) {
    voice.output.say(
      isSystemError(error) ? textOfSystemError(error) : `this should not have happened, please report it: ${error}`,
    );
    return EXIT.systemCall;
  } finally {
    voice.output.close();
  }
}

/** By what else the image has. */
function extend(preparation: Preparation, isAsked: boolean, voice: ContainerVoice): Result<Preparation, StartProblem> {
  const isOverlay = isAsked || (!existsSync(preparation.places.source) && hasOverlay(''));
  return isOverlay
    ? overlayExtension(process.execPath)(preparation, (line) => voice.output.say(line))
    : success(preparation);
}

/** A problem: what is wrong with the options. */
function settingsFrom(call: Call): Result<Settings, string> {
  const grace = timeoutFrom(call, 'grace');
  if (!grace.ok) return grace;
  const onFailure = call.value('on-failure') ?? 'go-on';
  if (onFailure !== 'go-on' && onFailure !== 'exit')
    return failure(`--on-failure takes ${ON_FAILURE.join(' or ')}, not '${onFailure}'`);
  return success({
    grace: grace.value ?? GRACE,
    onFailure,
    exitWith: call.value('exit-with') ?? null,
    boot: BOOT,
    bootLimit: null,
    prefix: call.has('prefix'),
    verbose: call.has('verbose'),
  });
}

function namesIn(call: Call, option: string): string[] {
  return call.values(option).flatMap((value) => value.split(/[\s,]+/).filter(Boolean));
}

function voiceOf({ verbose, prefix }: Settings): ContainerVoice {
  return {
    output: new ContainerOutput({ prefix, isColored: printsInColor() }),
    words: (event) => wordsOf(event, verbose),
    diagnostics: (diagnostics) => tell(renderDiagnostics(diagnostics, { color: tellsInColor() })),
  };
}

/** What rc-change and rc-shutdown tell as JSON. */
function wordsOf(event: EngineEvent, verbose: boolean): string | null {
  const { service } = event;
  switch (event.event) {
    case 'failed': {
      const { action, cause, exit, elapsed, odd } = event as unknown as Parameters<typeof failureText>[1] & {
        readonly action: Parameters<typeof failureText>[0];
      };
      return `${service}: ${failureText(action, { cause, exit, elapsed, ...(odd === undefined ? {} : { odd }) })}`;
    }
    case 'died':
      return `${service}: died soon after it came up`;
    case 'asks':
      return `${service}: waits for an answer: rc-answer ${service}`;
    case 'waiting':
      return `${service}: waits for another command`;
    case 'still-stopping':
      return `waits for ${(event.services as readonly string[]).join(', ')} to stop`;
    case 'done':
      return skippedText(event.skipped as readonly Skipped[]);
    case 'up':
    case 'ready':
    case 'down':
      return verbose ? `${event.event} ${service}` : null;
    default:
      return null;
  }
}

interface Skipped {
  readonly service: string;
  readonly because: string;
}

function skippedText(skipped: readonly Skipped[]): string | null {
  if (skipped.length === 0) return null;
  return `not started: ${skipped.map(({ service, because }) => `${service} (${because} failed)`).join(', ')}`;
}
