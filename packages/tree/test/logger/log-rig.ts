/** A log directory for each test, with a clock of its own, and what the logger tells. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogWriter } from '@muster/tree/logger/log-writer';
import { afterEach, beforeEach } from 'vitest';

export let root: string;
export let told: string[];
let now: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-log-'));
  told = [];
  now = Date.UTC(2026, 0, 1);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

export const bytes = (text: string) => new TextEncoder().encode(text);
/** A millisecond passes each time. */
export const tick = () => now++;

export function writer(more: Partial<ConstructorParameters<typeof LogWriter>[0]> = {}, backlog?: number): LogWriter {
  return new LogWriter(
    {
      directory: join(root, 'log'),
      size: 100,
      keep: 2,
      timestamp: 'none',
      prefix: '',
      mode: 0o640,
      link: null,
      select: [],
      ...more,
    },
    { now: tick, tell: (message) => told.push(message) },
    backlog,
  );
}

export const files = () =>
  readdirSync(join(root, 'log'))
    .filter((name) => name !== 'lock')
    .sort();
export const content = (name: string) => readFileSync(join(root, 'log', name), 'utf8');
export const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `this is line ${String(from + i).padStart(6, '0')}\n`);
