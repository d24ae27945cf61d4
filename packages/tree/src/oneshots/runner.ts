/**
 * Runs oneshots on behalf of commands that may die at any time, and remembers how they ended.
 *
 *     idle ──up, down, reload──▶ running ──script ended──▶ idle
 *                                  │  ▲
 *                                  kill (TERM, a little later KILL)
 *
 * The embedded tree has one of these inside itself; under other supervisors it is a service of its own. Should it die, the
 * scripts go on: a shell around each of them leaves its exit status in a file, and the next runner finds the process
 * by the pid and start time in `status`, waits for it, and reads that file.
 *
 * A request for a service whose script still runs is carried out after it, the last one only. One for which the kernel has no
 * process waits likewise, and is tried again.
 *
 * A script with a borrowed terminal (console.ts) has it to itself: others that would borrow one wait until it has ended.
 * If who lent it dies, the terminal belongs to somebody else from then on, and the script is ended.
 */
import { existsSync, readdirSync } from 'node:fs';
import type { LeftSession } from '@muster/core/model/observation';
import { bootTime, ticksSinceBoot } from '@muster/posix/boot-time';
import { SystemError } from '@muster/posix/libc';
import type { SessionMember } from '@muster/posix/process';
import type { Reactor } from '@muster/posix/reactor';
import {
  controlPath,
  hasTaken,
  type Lender,
  type Request,
  type RunningScript,
} from '@muster/protocol/oneshots/protocol';
import { describeRemains, remainsOf, remainsText } from '@muster/protocol/remains';
import { STATUS_FILE } from '@muster/store/live/service-files';
import { LATER, type Processes, TryLater } from '../processes.ts';
import { commandOf, leftBehind, type ScriptEnd } from './command.ts';
import { adoptConsole, borrowTerminal, type Console, mayAsk, openAnswers } from './console.ts';
import { processOfScript } from './find-script.ts';
import { HostedOneshot, type Order } from './oneshot.ts';
import { RequestPipe } from './request-pipe.ts';
import { killScriptAt, PATIENCE, terminateScript } from './script-signals.ts';
import { type ScriptHost, startScript } from './start-script.ts';
import { TerminalQueue } from './terminal-queue.ts';

/** What s6's programs say when the system refuses something, and a shell of a command that is not there. */
const SYSTEM_CALL = 111;
const NOT_FOUND = 127;

/** Milliseconds between looks whether all of a script that was told to end has. */
const REMAINS_LOOK = 20;

/** The process that hosts a runner. */
interface Host extends ScriptHost {
  readonly reactor: Reactor;
  readonly processes: Processes;
  warn(message: string): void;
  /** The status of a oneshot is another one. */
  changed?(): void;
}

export class OneshotRunner {
  readonly #live: string;
  readonly #host: Host;
  readonly #requests: RequestPipe;
  readonly #oneshots = new Map<string, HostedOneshot>();
  readonly #terminal = new TerminalQueue<HostedOneshot, Order>();
  #whenIdle: (() => void) | null = null;

  /** Throws if the FIFO `oneshots/control` is not there. `live`: the live directory. */
  constructor(live: string, host: Host) {
    this.#live = live;
    this.#host = host;
    this.#requests = new RequestPipe(controlPath(`${live}/oneshots`), host.reactor);
    this.#adopt();
    this.#requests.listen((request) => this.#obey(request));
  }

  /** Takes no more requests, and calls `done` when no script runs any more. Those that ask are not waited for. */
  end(done: () => void): void {
    this.#terminal.clear();
    for (const oneshot of this.#oneshots.values()) if (oneshot.console !== null) this.#kill(oneshot);
    this.#requests.close();
    this.#whenIdle = done;
    this.#noteIdleness();
  }

  #adopt(): void {
    for (const name of readdirSync(`${this.#live}/services`)) {
      // Longruns have none, and a oneshot that never ran.
      if (!existsSync(`${this.#live}/services/${name}/${STATUS_FILE}`)) continue;
      const oneshot = this.#find(name);
      if (oneshot.status.running !== null) this.#adoptScript(oneshot, oneshot.status.running);
    }
  }

  #adoptScript(oneshot: HostedOneshot, running: RunningScript): void {
    const ended = () => this.#ended(oneshot, leftBehind(oneshot.directory)?.exit ?? null);
    if (running.console !== null) oneshot.console = adoptConsole(oneshot.directory, running.console);
    const found = processOfScript(oneshot.directory, running);
    if (found === null && running.pid === 0 && leftBehind(oneshot.directory) === null) {
      this.#beginAgain(oneshot, running);
      return;
    }
    if (found === null || !this.#host.processes.adopt(found.pid, found.startTime, ended)) {
      ended();
      return;
    }
    if (found.pid !== running.pid) oneshot.save({ ...oneshot.status, running: { ...running, ...found } });
    this.#keepTerminalFor(oneshot, running.console);
    const { pid } = found;
    if (running.killAt > 0) killScriptAt(running.killAt, pid, this.#host.processes, () => oneshot.isRunning(pid));
  }

  /** The runner was killed when it was about to start the script: the shell around it would have left word. */
  #beginAgain(oneshot: HostedOneshot, running: RunningScript): void {
    oneshot.withdraw();
    this.#run(oneshot, orderOf(running));
  }

  /** The kernel had no process for it. */
  #runLater(oneshot: HostedOneshot, order: Order): void {
    oneshot.withdraw();
    oneshot.next ??= order;
    this.#host.reactor.after(LATER, () => {
      const { next } = oneshot;
      if (next === null || oneshot.status.running !== null || this.#whenIdle !== null) return;
      oneshot.next = null;
      this.#run(oneshot, next);
    });
    this.#noteIdleness();
  }

  #obey({ verb, id, name, lender }: Request): void {
    const oneshot = this.#find(name);
    switch (verb) {
      case 'up':
      case 'down':
      case 'reload': {
        if (this.#isKnown(oneshot, id)) break;
        const order = { action: verb, request: id, lender };
        if (oneshot.status.running === null && oneshot.next === null) this.#run(oneshot, order);
        else oneshot.next = order;
        break;
      }
      case 'kill':
        this.#kill(oneshot);
        break;
    }
  }

  /** Who sees no answer repeats the request. */
  #isKnown(oneshot: HostedOneshot, request: string): boolean {
    const waiting = [oneshot.next, this.#terminal.waitingFor(oneshot)];
    return hasTaken(oneshot.status, request) || waiting.some((order) => order?.request === request);
  }

  /** What cannot be started has failed: nobody shall wait for its end. */
  #run(oneshot: HostedOneshot, order: Order): void {
    let running: RunningScript | null;
    try {
      running = this.#begin(oneshot, order);
    } catch (error) {
      if (error instanceof TryLater) {
        this.#runLater(oneshot, order);
        return;
      }
      const why = error instanceof Error ? error.message : String(error);
      this.#fail(oneshot, order, SYSTEM_CALL, `unable to ${order.action}: ${why}`);
      if (isOfSystem(error)) return;
      throw error;
    }
    if (running === null) return;
    oneshot.save({ running, last: oneshot.status.last });
    this.#keepTerminalFor(oneshot, running.console);
  }

  #fail(oneshot: HostedOneshot, { action, request }: Order, code: number, why: string): void {
    oneshot.note(why);
    oneshot.remember({ action, request, exit: { code, signal: 0 } });
  }

  /** `wait`: it will be run when the terminal is free. `gone`: who asked for it has died, and nobody is there to talk to. */
  #consoleFor(oneshot: HostedOneshot, order: Order): Console | 'wait' | 'gone' | null {
    if (order.lender === null) return this.#answersFor(oneshot);
    if (this.#terminal.isLent) {
      this.#terminal.queue(oneshot, order);
      return 'wait';
    }
    return borrowTerminal(order.lender) ?? this.#answersFor(oneshot);
  }

  /** Null where there is no room for a FIFO: then the script finds nobody to ask, which is its to judge. */
  #answersFor(oneshot: HostedOneshot): Console | null {
    try {
      return openAnswers(oneshot.directory);
    } catch (error) {
      oneshot.note(`nobody can answer it: ${error}`);
      return null;
    }
  }

  /** Null if nothing runs, and why is settled. Throws what the system says: then nothing runs either. */
  #begin(oneshot: HostedOneshot, order: Order): RunningScript | null {
    const { action, request } = order;
    const command = commandOf(oneshot.directory, action);
    if (typeof command === 'string') {
      if (command === 'no program') this.#fail(oneshot, order, NOT_FOUND, `${action}: there is no such program`);
      else oneshot.remember({ action, request, exit: { code: command === 'nothing' ? 0 : NOT_FOUND, signal: 0 } });
      return null;
    }
    const console = mayAsk(oneshot.directory) ? this.#consoleFor(oneshot, order) : null;
    if (console === 'wait' || console === 'gone') return null;
    oneshot.console = console;
    return startScript(this.#host, this.#live, oneshot, order, command, (exit) => this.#ended(oneshot, exit));
  }

  /** As long as both the script and the lender live. */
  #keepTerminalFor(oneshot: HostedOneshot, lender: Lender | 'answer' | null): void {
    if (lender === null || lender === 'answer') return;
    this.#terminal.lend(oneshot);
    const { pid } = oneshot.status.running!;
    const lenderEnded = () => {
      if (oneshot.isRunning(pid)) this.#kill(oneshot);
    };
    if (!this.#host.processes.adopt(lender.pid, lender.startTime, lenderEnded)) lenderEnded();
  }

  #ended(oneshot: HostedOneshot, exit: ScriptEnd): void {
    const { running } = oneshot.status;
    if (running === null) return;
    const remains = remainsOf(running.pid);
    if (running.killAt > 0 && remains.length > 0) {
      // It ends as a whole.
      this.#host.reactor.after(REMAINS_LOOK, () => this.#ended(oneshot, exit));
      return;
    }
    const left = this.#leftBy(oneshot, running.pid, remains);
    this.#host.output?.release(oneshot.name);
    if (exit === 'later' && running.killAt === 0) {
      this.#terminal.passOn(oneshot, (waiting, order) => this.#run(waiting, order));
      this.#runLater(oneshot, orderOf(running));
      return;
    }
    oneshot.remember({
      action: running.action,
      request: running.request,
      exit: exit === 'later' ? null : exit,
      ...(left === null ? {} : { left }),
    });
    const { next } = oneshot;
    oneshot.next = null;
    if (next !== null) this.#run(oneshot, next);
    this.#terminal.passOn(oneshot, (waiting, order) => this.#run(waiting, order));
    this.#noteIdleness();
  }

  /** What a script leaves is its own affair, and named. */
  #leftBy(oneshot: HostedOneshot, leader: number, remains: readonly SessionMember[]): LeftSession | null {
    for (const process of remains) oneshot.note(`left running: ${remainsText(describeRemains(process))}`);
    return remains.length === 0 ? null : { leader, endedAt: ticksSinceBoot() };
  }

  #noteIdleness(): void {
    if (this.#whenIdle === null) return;
    for (const { status } of this.#oneshots.values()) if (status.running !== null) return;
    this.#whenIdle();
  }

  #kill(oneshot: HostedOneshot): void {
    const { running } = oneshot.status;
    oneshot.next = null;
    this.#terminal.forget(oneshot);
    // Who asks goes on asking until the script has ended; it is told once, and killed when that was to be from the first.
    if (running === null || running.killAt > 0) return;
    const { pid } = running;
    const killAt = Math.ceil(bootTime()) + PATIENCE;
    oneshot.save({ ...oneshot.status, running: { ...running, killAt } });
    const runs = () => oneshot.isRunning(pid);
    terminateScript(pid, this.#host.processes, runs);
    killScriptAt(killAt, pid, this.#host.processes, runs);
  }

  /** In its own log where there is one. */
  #note(service: string, message: string): void {
    const { output } = this.#host;
    if (output === undefined) this.#host.warn(`${service}: ${message}`);
    else output.note(service, message);
  }

  #find(name: string): HostedOneshot {
    let oneshot = this.#oneshots.get(name);
    if (oneshot === undefined) {
      oneshot = new HostedOneshot(name, `${this.#live}/services/${name}`, {
        reactor: this.#host.reactor,
        note: (service, message) => this.#note(service, message),
        changed: () => this.#host.changed?.(),
      });
      this.#oneshots.set(name, oneshot);
    }
    return oneshot;
  }
}

function isOfSystem(error: unknown): boolean {
  return error instanceof SystemError || (error instanceof Error && 'errno' in error);
}

function orderOf({ action, request, console }: RunningScript): Order {
  return { action, request, lender: console === 'answer' ? null : console };
}
