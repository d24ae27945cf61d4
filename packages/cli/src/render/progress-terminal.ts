/**
 * What a change does, on a terminal: below everything that was said for good, a line for each service under way with its
 * time and timeout, and one that counts. The lines are drawn anew ten times a second; when there are more services than
 * room, they take turns. While a script has the terminal nothing is drawn.
 */
import type { Event, EventSink } from '@muster/core/execute/ports';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Speaker } from '../console.ts';
import { formatDuration } from '../duration.ts';
import { colorsFor } from './colors.ts';
import { aliveText, deathText, failureText } from './progress.ts';

export interface Terminal {
  write(text: string): void;
  /** Of the window now. */
  size(): { readonly columns: number; readonly rows: number };
  readonly color: boolean;
}

export interface TerminalProgress extends EventSink, Speaker {
  /** So many steps are planned. */
  expect(steps: number): void;
  /** Takes the lines away; what was said for good stays. */
  end(): void;
}

interface UnderWay {
  readonly verb: string;
  readonly began: number;
  /** Milliseconds; 0: none. */
  readonly timeout: number;
  /** In place of times. */
  readonly text?: string;
}

/** Milliseconds between drawings, and until others have their turn. */
const FRAME = 100;
const TURN = 1500;
const MOST_LINES = 10;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export function terminalProgress(database: Database, terminal: Terminal, now: () => number): TerminalProgress {
  const colors = colorsFor(terminal.color);
  const underWay = new Map<ServiceId, UnderWay>();
  const began = now();
  let expected = 0;
  let done = 0;
  let failed = 0;
  let drawn = 0;
  let held: string[] | null = null;

  const clear = () => (drawn === 0 ? '' : `\x1b[${drawn}A\x1b[J`);
  const draw = () => {
    if (held !== null) return;
    const lines = frame();
    terminal.write(clear() + lines.map((line) => `${line}\n`).join(''));
    drawn = lines.length;
  };
  const say = (text: string) => {
    if (held !== null) {
      held.push(text);
      return;
    }
    terminal.write(`${clear()}${text}\n`);
    drawn = 0;
    draw();
  };
  const frame = (): string[] => {
    const { columns, rows } = terminal.size();
    const time = now();
    const all = [...underWay];
    const room = Math.max(1, Math.min(MOST_LINES, rows - 3));
    const first = all.length > room ? (Math.floor((time - began) / TURN) * room) % all.length : 0;
    const shown = all.slice(first, first + room);
    const width = Math.max(0, ...shown.map(([service]) => database.names[service]!.length));
    const spinner = SPINNER[Math.floor(time / FRAME) % SPINNER.length]!;
    const lines = shown.map(([service, { verb, ...state }]) => {
      const text = state.text ?? timesText(time - state.began, state.timeout);
      const line = `${verb.padEnd(8)} ${database.names[service]!.padEnd(width)}  ${text}`;
      return `${colors.yellow(spinner)} ${line.slice(0, Math.max(1, columns - 3))}`;
    });
    return [...lines, colors.dim(countText(all.length, all.length - shown.length).slice(0, columns - 1))];
  };
  const countText = (running: number, hidden: number): string => {
    const more = hidden > 0 ? ` (${hidden} not shown)` : '';
    const broken = failed > 0 ? `, ${failed} failed` : '';
    return `${done} of ${Math.max(expected, done + running)} done, ${running} under way${more}${broken}, ${formatDuration(now() - began)}`;
  };
  const resume = () => {
    if (held === null) return;
    const texts = held;
    held = null;
    // Blanks as wide as the window, and back: where a script left the cursor in a line, this comes to the next one.
    terminal.write(`${' '.repeat(terminal.size().columns)}\r`);
    for (const text of texts) say(text);
  };
  const timer = setInterval(draw, FRAME);

  return {
    expect: (steps) => {
      expected = steps;
    },
    pause: () => {
      if (held !== null) return;
      terminal.write(clear());
      drawn = 0;
      held = [];
    },
    resume,
    emit: (event) => {
      switch (event.event) {
        case 'starting':
        case 'stopping':
        case 'reloading':
          underWay.set(event.service, { verb: event.event, began: now(), timeout: event.timeout });
          break;
        case 'waiting':
          underWay.set(event.service, { verb: 'waiting', began: now(), timeout: 0, text: waitText(database, event) });
          break;
        case 'failed':
          underWay.delete(event.service);
          failed++;
          say(
            `${colors.red('failed')}   ${database.names[event.service]}  ${failureText(event.action, event)}${aliveText(database, event)}`,
          );
          break;
        case 'died':
          say(`${colors.red('died')}     ${database.names[event.service]}  ${deathText(event.exit)}`);
          break;
        case 'asks': {
          const name = database.names[event.service]!;
          say(`asks     ${name}  waits for an answer: rc-answer ${name}`);
          break;
        }
        case 'overruled':
          underWay.delete(event.service);
          say(`overruled ${database.names[event.service]}  process ${event.by} has asked for the opposite since`);
          break;
        case 'skipped':
          underWay.delete(event.service);
          break;
        case 'up':
        case 'ready':
        case 'down':
        case 'reloaded':
          underWay.delete(event.service);
          done++;
          break;
      }
    },
    end: () => {
      resume();
      clearInterval(timer);
      terminal.write(clear());
      drawn = 0;
    },
  };
}

function timesText(elapsed: number, timeout: number): string {
  return timeout === 0 ? formatDuration(elapsed) : `${formatDuration(elapsed)} of ${formatDuration(timeout)}`;
}

function waitText({ names }: Database, event: Event & { readonly event: 'waiting' }): string {
  return `${names[event.on]} is held by ${event.holder ?? 'another command'}`;
}
