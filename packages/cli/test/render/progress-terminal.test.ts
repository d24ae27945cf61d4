import { serviceId } from '@muster/core/model/database';
import { databaseOf } from '@muster/core/test/simulation/graph';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TerminalProgress } from '../../src/render/progress-terminal.ts';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

const ESCAPE = String.fromCharCode(27);

/** What is to be seen after everything that was written: lines go up, and below the cursor all is cleared. */
class Screen {
  private lines: string[] = [];
  size = { columns: 60, rows: 24 };

  write(text: string): void {
    for (const [at, part] of text.split(ESCAPE).entries()) {
      const up = at === 0 ? null : /^\[(?:(\d+)A|J)/.exec(part);
      if (up?.[1] !== undefined) this.lines.length -= Number(up[1]);
      this.lines.push(
        ...part
          .slice(up?.[0].length ?? 0)
          .split('\n')
          .slice(0, -1),
      );
    }
  }

  shown(): string[] {
    return this.lines.map((line) => line.replace(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /, '~ '));
  }
}

function progressOn(screen: Screen, names: readonly string[]) {
  const database = databaseOf(names.map((name) => ({ name })));
  const terminal = { write: (text: string) => screen.write(text), size: () => screen.size, color: false };
  return new TerminalProgress(database, terminal, () => Date.now());
}

test('a line for each service under way, with its time and timeout; what failed stays; in the end nothing else', () => {
  const screen = new Screen();
  const progress = progressOn(screen, ['db', 'web', 'mail']);
  progress.expect(3);
  progress.emit({ event: 'starting', service: serviceId(0), timeout: 10_000 });
  progress.emit({ event: 'starting', service: serviceId(2), timeout: 0 });
  vi.advanceTimersByTime(3200);
  expect(screen.shown()).toEqual([
    '~ starting db    3.2 s of 10 s',
    '~ starting mail  3.2 s',
    '0 of 3 done, 2 under way, 3.2 s',
  ]);
  progress.emit({ event: 'ready', service: serviceId(0), elapsed: 3200 });
  progress.emit({
    event: 'failed',
    service: serviceId(2),
    action: 'up',
    cause: 'exited',
    exit: { code: 3, signal: 0 },
    elapsed: 3200,
    alive: false,
  });
  progress.emit({ event: 'waiting', service: serviceId(1), on: serviceId(0), holder: 'rc-change -d db (pid 812)' });
  vi.advanceTimersByTime(100);
  expect(screen.shown()).toEqual([
    'failed   mail  start failed: it exited with 3',
    '~ waiting  web  db is held by rc-change -d db (pid 812)',
    '1 of 3 done, 1 under way, 1 failed, 3.3 s',
  ]);
  progress.end();
  expect(screen.shown()).toEqual(['failed   mail  start failed: it exited with 3']);
});

test('more services than room take turns, and no line is wider than the window', () => {
  const screen = new Screen();
  screen.size = { columns: 30, rows: 6 };
  const names = Array.from({ length: 8 }, (_, n) => `service-with-a-long-name-${n}`);
  const progress = progressOn(screen, names);
  for (const service of names.keys()) progress.emit({ event: 'starting', service: serviceId(service), timeout: 0 });
  vi.advanceTimersByTime(1500);
  expect(screen.shown()).toHaveLength(4);
  for (const line of screen.shown()) expect(line.length).toBeLessThan(30);
  screen.size = { columns: 60, rows: 6 };
  const named = new Set<string>();
  for (let turn = 0; turn < 8; turn++) {
    vi.advanceTimersByTime(1500);
    for (const line of screen.shown()) named.add(/name-\d/.exec(line)?.[0] ?? '');
  }
  expect([...named].filter((name) => name !== '')).toHaveLength(8);
  progress.end();
  expect(screen.shown()).toEqual([]);
});

test('nothing is drawn while a script has the terminal; what was said meanwhile comes after it, in a new line', () => {
  const screen = new Screen();
  const written: string[] = [];
  const progress = progressOn(screen, ['unlock', 'mail']);
  const { write } = screen;
  screen.write = (text) => {
    written.push(text);
    write.call(screen, text);
  };
  progress.expect(2);
  progress.emit({ event: 'starting', service: serviceId(0), timeout: 0 });
  progress.emit({ event: 'starting', service: serviceId(1), timeout: 0 });
  vi.advanceTimersByTime(200);
  progress.pause();
  expect(screen.shown()).toEqual([]);
  written.length = 0;
  vi.advanceTimersByTime(2000);
  const exit = { code: 3, signal: 0 };
  const failure = { service: serviceId(1), action: 'up', cause: 'exited', exit, elapsed: 2000, alive: false } as const;
  progress.emit({ event: 'failed', ...failure });
  expect(written).toEqual([]);
  progress.resume();
  expect(written[0]).toBe(`${' '.repeat(screen.size.columns)}\r`);
  expect(written.join('')).toContain('failed   mail  start failed: it exited with 3');
  progress.end();
});
