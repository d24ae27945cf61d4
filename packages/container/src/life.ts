/**
 * What a container's process 1 does besides supervising: it lives in the tree as one of its companions.
 *
 *     booting ──`default` is up, or what can be──▶ running ──┐
 *        └───────────────── asked to end, or a reason to ────┴──▶ stopping ──everything is down──▶ (the tree leaves)
 *                                                                    └──the grace is over──▶ what is left is killed
 */
import { constants, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { UNLESS_STOPPING } from '@muster/control/shutdown/container';
import { ensureFifo } from '@muster/posix/fifo';
import { HeldSignals } from '@muster/posix/held-signals';
import type { Limit } from '@muster/posix/limits';
import { pause } from '@muster/posix/pause';
import type { Timer } from '@muster/posix/reactor';
import { exitOf } from '@muster/protocol/s6/status';
import type { LivePaths } from '@muster/store/live/paths';
import type { ServiceEnd } from '@muster/tree/service/host';
import type { Companion, CompanionHost } from '@muster/tree/tree';
import { ContainerCommand } from './command.ts';
import { Engine, type EngineEvent } from './engine.ts';
import { type Ending, exitStatus, type KnownEnds, statusOfExit } from './exit-status.ts';
import { killEverything, namesOf } from './leftovers.ts';
import type { Preparation } from './preparation.ts';
import { PASSED_ON, STOPPING } from './signals.ts';

/** What is told to people. */
export interface Voice {
  say(line: string): void;
  /** What the engine does, in words; null if it is not worth any. */
  words(event: EngineEvent): string | null;
}

export interface LifeContext {
  readonly preparation: Preparation;
  readonly paths: LivePaths;
  /** Path of the executable. */
  readonly muster: string;
  /** The container's standard input. */
  readonly input: number;
  /** Of open files, for the command. */
  readonly limit: Limit;
  /** Whether the database has what is to be brought up first. */
  readonly hasBoot: boolean;
  readonly voice: Voice;
}

type Phase = 'booting' | 'running' | 'stopping';

const [TERM, KILL, CONTINUE] = [15, 9, 18];
/** Milliseconds that a killed command has to be gone, unless the kernel keeps it; and between two looks. */
const [MOST_DYING, LOOK] = [2000, 1];
/** What a failure is told by that has no exit status. */
const FAILED = 1;

export class ContainerLife implements Companion {
  readonly #context: LifeContext;
  #host!: CompanionHost;
  #command!: ContainerCommand;
  #engine!: Engine;
  #signals!: HeldSignals;
  #phase: Phase = 'booting';
  #ending: Ending | null = null;
  /** When what is left is killed, by `performance.now`. */
  #deadline = 0;
  #alarm: Timer | null = null;
  #ended: KnownEnds = { command: null, service: null };
  /** The first failure of the boot. */
  #failure: number | null = null;
  /** The tree has been told to leave. */
  #isLeaving = false;
  #isBroughtDown = false;
  /** The tree waits for the command. */
  #whenCommandEnds: (() => void) | null = null;

  constructor(context: LifeContext) {
    this.#context = context;
  }

  /** Once the tree has left. */
  get status(): number {
    const { hooks } = this.#context.preparation;
    const status = exitStatus(this.#ending ?? { why: 'asked', status: null }, this.#ended);
    return hooks.lastStatus?.(status) ?? status;
  }

  get isCommandRunning(): boolean {
    return this.#command.isRunning;
  }

  begin(host: CompanionHost): void {
    const { paths, muster } = this.#context;
    this.#host = host;
    this.#command = new ContainerCommand(host);
    this.#engine = new Engine(host, muster);
    this.#signals = new HeldSignals([...STOPPING, ...PASSED_ON]);
    host.reactor.watch(this.#signals.descriptor, () => this.#readSignals());
    this.#listenToRequests();
    writeFileSync(paths.booting, '', { mode: 0o644 });
    // Services are known to the tree by then.
    host.reactor.after(0, () => this.#boot());
  }

  ended(service: string, { waitStatus, isAsked, isGivenUp }: ServiceEnd): void {
    const { settings } = this.#context.preparation;
    const status = statusOfExit(exitOf(waitStatus));
    if (service === settings.exitWith) {
      this.#ended = { ...this.#ended, service: status };
      if (isAsked || this.#phase === 'stopping') return;
      // It is not to be there for another moment.
      this.#host.order('O', service);
      this.endAll({ why: 'service', status });
      return;
    }
    if (!isGivenUp || this.#phase === 'stopping') return;
    // In the boot the engine has the word.
    if (this.#phase === 'booting') return;
    this.#context.voice.say(`${service} has failed: ${endText(status)}, and it is not started again`);
    if (settings.onFailure === 'exit') this.endAll({ why: 'failure', status: status === 0 ? FAILED : status });
  }

  /** Ends everything in order, whoever asks: signals, rc-shutdown, the end of what the container is there for, a failure. */
  endAll(ending: Ending): void {
    if (this.#phase === 'stopping') {
      if (ending.why === 'asked') this.#hasten(ending);
      return;
    }
    const { grace } = this.#context.preparation.settings;
    this.#phase = 'stopping';
    this.#ending = ending;
    this.#endAt(performance.now() + grace);
    this.#engine.kill();
    this.#stopCommand();
    this.#bringDown();
  }

  /** A service's definition asks for it. */
  endEverything(status: number): void {
    this.endAll({ why: 'failure', status });
  }

  /** The tree was told to stop: by the engine, when all is down, or by somebody else. */
  end(done: () => void): void {
    this.#isLeaving = true;
    this.#phase = 'stopping';
    if (this.#command.isRunning) this.#stopCommand();
    this.#whenCommandEnds = done;
    this.#noteCommand();
  }

  #boot(): void {
    const { preparation, paths, hasBoot, voice } = this.#context;
    const { boot, bootLimit } = preparation.settings;
    if (this.#phase !== 'booting') return;
    if (!hasBoot) {
      this.#run();
      return;
    }
    const limit = bootLimit === null ? [] : ['--timeout', String(bootLimit)];
    this.#engine.run(['change', '--json', '--console', 'none', '--live', paths.root, ...limit, boot], {
      event: (event) => this.#noteStep(event),
      line: (line) => voice.say(line),
      ended: (waitStatus) => {
        if (this.#phase !== 'booting') this.#bringDown();
        else this.#endBoot(waitStatus);
      },
    });
  }

  /** What has failed was said; but for what kept the engine from its work, or its time. */
  #endBoot(waitStatus: number | null): void {
    if (waitStatus !== 0 && this.#failure === null) {
      const how = waitStatus === null ? 'it could not be begun' : endText(statusOfExit(exitOf(waitStatus)));
      this.#context.voice.say(`not all of ${this.#context.preparation.settings.boot} was brought up: ${how}`);
      this.#failure = FAILED;
    }
    this.#run();
  }

  #noteStep(event: EngineEvent): void {
    const words = this.#context.voice.words(event);
    if (words !== null) this.#context.voice.say(words);
    if (event.event !== 'failed' && event.event !== 'died') return;
    const status = event.exit ? statusOfExit(event.exit) : FAILED;
    this.#failure ??= status === 0 ? FAILED : status;
  }

  /** The boot is over. */
  #run(): void {
    const { preparation, paths } = this.#context;
    rmSync(paths.booting, { force: true });
    this.#phase = 'running';
    if (this.#failure !== null && preparation.settings.onFailure === 'exit') {
      this.endAll({ why: 'failure', status: this.#failure });
      return;
    }
    if (preparation.command.length > 0) this.#startCommand();
  }

  #startCommand(): void {
    const { preparation, input, limit, voice } = this.#context;
    const { command, commandEnvironment: environment } = preparation;
    const problem = this.#command.start(command, { environment, input, limit }, (waitStatus) => {
      const status = waitStatus === null ? FAILED : statusOfExit(exitOf(waitStatus));
      this.#noteCommandEnded(status);
    });
    if (problem === null) return;
    voice.say(problem.message);
    this.#noteCommandEnded(problem.status);
  }

  #noteCommandEnded(status: number): void {
    this.#ended = { ...this.#ended, command: status };
    this.#context.preparation.hooks.commandEnded?.(status);
    if (this.#phase === 'stopping') this.#bringDown();
    else this.endAll({ why: 'command', status });
    this.#noteCommand();
  }

  #stopCommand(): void {
    this.#command.signalGroup(TERM);
    this.#command.signalGroup(CONTINUE);
  }

  /** Once neither the boot nor the command is there any more. */
  #bringDown(): void {
    if (this.#engine.isRunning || this.#command.isRunning || this.#isLeaving || this.#isBroughtDown) return;
    const { paths, voice } = this.#context;
    this.#isBroughtDown = true;
    this.#engine.run(['shutdown', '--json', '--directly', '--live', paths.root], {
      event: (event) => {
        const words = voice.words(event);
        if (words !== null) voice.say(words);
      },
      line: (line) => voice.say(line),
      // It has told the tree to leave, or could not: then nothing else would.
      ended: () => {
        if (!this.#isLeaving) this.#host.stop('are stopped');
      },
    });
  }

  #noteCommand(): void {
    if (this.#command.isRunning || this.#whenCommandEnds === null) return;
    this.#whenCommandEnds();
    this.#whenCommandEnds = null;
  }

  /** Half of the time that is left. */
  #hasten({ status }: Ending): void {
    if (status !== null && this.#ending?.why === 'asked') this.#ending = { why: 'asked', status };
    const now = performance.now();
    this.#endAt(now + Math.max(0, this.#deadline - now) / 2);
  }

  #endAt(deadline: number): void {
    this.#deadline = deadline;
    this.#alarm?.cancel();
    this.#alarm = this.#host.reactor.after(deadline - performance.now(), () => this.#killAll());
  }

  #killAll(): void {
    const { paths, voice, preparation } = this.#context;
    const left = namesOf(this.#host, paths, this.#command.isRunning ? preparation.command[0]! : null);
    if (left.length > 0) voice.say(`not stopped in time, killed: ${left.join(', ')}`);
    this.#engine.kill();
    this.#command.signalGroup(KILL);
    killEverything(this.#host);
    this.#learnCommandStatus();
    this.#host.abort();
  }

  /**
   * A process is not gone at once when it is killed. Nothing else may have its turn meanwhile: the tree would start again what
   * was killed with it.
   */
  #learnCommandStatus(): void {
    const limit = performance.now() + MOST_DYING;
    this.#host.processes.reapAll();
    while (this.#command.isRunning && performance.now() < limit) {
      pause(LOOK);
      this.#host.processes.reapAll();
    }
  }

  #readSignals(): void {
    for (const signal of this.#signals.read()) {
      if (STOPPING.includes(signal)) this.endAll({ why: 'asked', status: null });
      else this.#command.signal(signal);
    }
  }

  /** Lines, each with an exit status or nothing. */
  #listenToRequests(): void {
    const { end } = this.#context.paths;
    ensureFifo(end, 0o600);
    const fifo = openSync(end, constants.O_RDWR | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(256);
    this.#host.reactor.watch(fifo, () => {
      const length = readSync(fifo, buffer, 0, buffer.length, null);
      for (const line of buffer.toString('latin1', 0, length).split('\n').slice(0, -1)) {
        // What calls this on its way down hurries nobody.
        if (line === UNLESS_STOPPING && this.#phase === 'stopping') continue;
        const status = /^\d{1,3}$/.test(line) ? Number(line) : null;
        this.endAll({ why: 'asked', status });
      }
    });
  }
}

function endText(status: number): string {
  return status > 128 ? `it was killed by signal ${status - 128}` : `it exited with ${status}`;
}
