/**
 * What a change does, on a terminal: below everything that was said for good, a line for each service under way with its
 * time and timeout, and one that counts. The lines are drawn anew ten times a second; when there are more services than
 * room, they take turns. While a script has the terminal nothing is drawn.
 */
import type { Event, EventSink } from '@muster/core/execute/ports';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Speaker } from '../console.ts';
import { formatDuration } from '../duration.ts';
import { type Colors, colorsFor } from './colors.ts';
import { LinesBelow, type Terminal } from './lines-below.ts';
import { eventLine, holderText } from './progress.ts';

interface UnderWay {
  readonly verb: string;
  readonly began: number;
  /** Milliseconds; 0 means none. */
  readonly timeout: number;
  /** In place of times. */
  readonly text?: string;
}

/** Milliseconds between drawings, and until others have their turn. */
const FRAME = 100;
const TURN = 1500;
const MOST_LINES = 10;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export class TerminalProgress implements EventSink, Speaker {
  readonly #below: LinesBelow;
  readonly #colors: Colors;
  readonly #underWay = new Map<ServiceId, UnderWay>();
  readonly #began: number;
  readonly #timer: NodeJS.Timeout;
  #expected = 0;
  #done = 0;
  #failed = 0;

  readonly #database: Database;
  readonly #terminal: Terminal;
  readonly #now: () => number;

  constructor(database: Database, terminal: Terminal, now: () => number) {
    this.#database = database;
    this.#terminal = terminal;
    this.#now = now;
    this.#below = new LinesBelow(terminal, () => this.#frame());
    this.#colors = colorsFor(terminal.color);
    this.#began = now();
    this.#timer = setInterval(() => this.#below.draw(), FRAME);
  }

  /** So many steps are planned. */
  expect(steps: number): void {
    this.#expected = steps;
  }

  pause(): void {
    this.#below.pause();
  }

  resume(): void {
    this.#below.resume();
  }

  /** Takes the lines away; what was said for good stays. */
  end(): void {
    this.#below.resume();
    clearInterval(this.#timer);
    this.#below.clear();
  }

  emit(event: Event): void {
    switch (event.event) {
      case 'starting':
      case 'stopping':
      case 'reloading':
        this.#underWay.set(event.service, { verb: event.event, began: this.#now(), timeout: event.timeout });
        break;
      case 'waiting': {
        const text = holderText(this.#database, event);
        this.#underWay.set(event.service, { verb: event.event, began: this.#now(), timeout: 0, text });
        break;
      }
      case 'up':
      case 'ready':
      case 'down':
      case 'reloaded':
        this.#underWay.delete(event.service);
        this.#done++;
        break;
      case 'skipped':
        this.#underWay.delete(event.service);
        break;
      case 'failed':
        this.#underWay.delete(event.service);
        this.#failed++;
        this.#say(event, this.#colors.red);
        break;
      case 'overruled':
        this.#underWay.delete(event.service);
        this.#say(event);
        break;
      case 'died':
        this.#say(event, this.#colors.red);
        break;
      case 'asks':
      case 'left-running':
        this.#say(event);
        break;
    }
  }

  #say(event: Event, paint?: (label: string) => string): void {
    const line = eventLine(this.#database, event, paint);
    if (line !== null) this.#below.say(line);
  }

  #frame(): string[] {
    const { columns, rows } = this.#terminal.size();
    const { names } = this.#database;
    const time = this.#now();
    const all = [...this.#underWay];
    const room = Math.max(1, Math.min(MOST_LINES, rows - 3));
    const first = all.length > room ? (Math.floor((time - this.#began) / TURN) * room) % all.length : 0;
    const shown = all.slice(first, first + room);
    const width = Math.max(0, ...shown.map(([service]) => names[service]!.length));
    const spinner = SPINNER[Math.floor(time / FRAME) % SPINNER.length]!;
    const lines = shown.map(([service, { verb, ...state }]) => {
      const text = state.text ?? timesText(time - state.began, state.timeout);
      const line = `${verb.padEnd(8)} ${names[service]!.padEnd(width)}  ${text}`;
      return `${this.#colors.yellow(spinner)} ${line.slice(0, Math.max(1, columns - 3))}`;
    });
    return [...lines, this.#colors.dim(this.#countText(all.length - shown.length).slice(0, columns - 1))];
  }

  #countText(hidden: number): string {
    const running = this.#underWay.size;
    const more = hidden > 0 ? ` (${hidden} not shown)` : '';
    const broken = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    const planned = Math.max(this.#expected, this.#done + running);
    const elapsed = formatDuration(this.#now() - this.#began);
    return `${this.#done} of ${planned} done, ${running} under way${more}${broken}, ${elapsed}`;
  }
}

function timesText(elapsed: number, timeout: number): string {
  return timeout === 0 ? formatDuration(elapsed) : `${formatDuration(elapsed)} of ${formatDuration(timeout)}`;
}
