import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Follower } from '@muster/control/logs/follow';
import { type Extent, lastEntries } from '@muster/control/logs/log-files';
import { merged } from '@muster/control/logs/merge';
import { logDirectoryOf } from '@muster/control/logs/sources';
import { everyService } from '@muster/core/model/database';
import { eventually } from '@muster/posix/test/eventually';
import { type LogEntry, parseEntry } from '@muster/protocol/logs/entry';
import { databaseOf, longrun } from '@muster/supervisors/test/service-directory/definitions';
import { LogWriter } from '@muster/tree/logger/log-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ALL = { count: Number.POSITIVE_INFINITY, since: Number.NEGATIVE_INFINITY };
const bytes = (text: string) => new TextEncoder().encode(text);

let root: string;
let now = 0;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-logs-'));
  now = Date.UTC(2026, 0, 1);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function logger(name: string, timestamp: 'iso' | 'tai64n' | 'none' = 'iso'): LogWriter {
  return new LogWriter(
    { directory: join(root, name), size: 200, keep: 50, timestamp, prefix: '', mode: 0o640, link: null, select: [] },
    { now: () => now++, tell: () => {} },
  );
}

describe('parseEntry', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  it.each([
    ['@40000000695735ca28697580 text', { at, text: 'text' }],
    ['2026-01-02T03:04:05.678Z text', { at, text: 'text' }],
    ['2026-01-02_03:04:05.67800 text', { at, text: 'text' }],
    ['no time at all', { at: 7, text: 'no time at all' }],
    ['@400000006957zzzz28697580 text', { at: 7, text: '@400000006957zzzz28697580 text' }],
  ])('%s', (line, entry) => {
    expect(parseEntry(line, 7)).toEqual(entry);
  });

  const s6LogMissing = spawnSync('sh', ['-c', 'command -v s6-log']).status !== 0;
  if (s6LogMissing) console.log('skipped: what s6-log writes, since there is no s6-log here');

  it.skipIf(s6LogMissing).each(['t', 'T'])('reads what s6-log writes with %s', (form) => {
    const before = Date.now();
    spawnSync('s6-log', [form, join(root, 's6')], { input: 'one\ntwo\n' });
    const entries = lastEntries(join(root, 's6'), ALL);
    expect(entries.map(({ text }) => text)).toEqual(['one', 'two']);
    for (const { at: time } of entries) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
  });
});

describe('lastEntries', () => {
  it.each(['iso', 'tai64n'] as const)('goes back over rotated files as far as it is asked to (%s)', (timestamp) => {
    const log = logger('web', timestamp);
    for (let i = 0; i < 100; i++) log.write(bytes(`line ${i}\n`));
    log.close();
    const directory = join(root, 'web');
    const all = lastEntries(directory, ALL).map(({ text }) => text);
    expect(all).toEqual(Array.from({ length: 100 }, (_, i) => `line ${i}`));
    expect(lastEntries(directory, { ...ALL, count: 30 }).map(({ text }) => text)).toEqual(all.slice(70));
    const [first] = lastEntries(directory, { ...ALL, count: 42 });
    expect(lastEntries(directory, { ...ALL, since: first!.at! })).toHaveLength(42);
  });

  it('is empty where there is no log', () => {
    expect(lastEntries(join(root, 'nowhere'), ALL)).toEqual([]);
  });
});

describe('merged', () => {
  it('orders by time, and keeps the order of each log', () => {
    const logs = [
      {
        service: 'a',
        entries: [
          { at: 1, text: '1' },
          { at: 5, text: '2' },
          { at: 4, text: '3' },
        ],
      },
      {
        service: 'b',
        entries: [
          { at: null, text: 'x' },
          { at: 3, text: 'y' },
          { at: 6, text: 'z' },
        ],
      },
    ];
    const named = logs.map(({ service, entries }) => entries.map((entry) => ({ ...entry, service })));
    expect(merged(named).map(({ service, text }) => service + text)).toEqual(['bx', 'a1', 'by', 'a2', 'a3', 'bz']);
  });
});

describe('Follower', () => {
  const follow = (name: string, found: string[], extent: Extent = { count: 9, since: Number.NEGATIVE_INFINITY }) => {
    const follower = new Follower(join(root, name), extent, (entries) => found.push(...textsOf(entries)));
    found.push(...textsOf(follower.before));
    return follower;
  };
  const textsOf = (entries: readonly LogEntry[]) => entries.map(({ text }) => text);

  it('begins with what is there, and goes on right after it, be it in the middle of a line', () => {
    const directory = join(root, 'web');
    mkdirSync(directory);
    writeFileSync(join(directory, 'current'), 'one\ntw');
    const found: string[] = [];
    const follower = follow('web', found);
    appendFileSync(join(directory, 'current'), 'o\nthree\n');
    follower.look();
    follower.close();
    expect(found).toEqual(['one', 'two', 'three']);
  });

  it.each([true, false])(
    'reads what is left when its file was rotated away for good (begun before it: %s)',
    (isEarly) => {
      const directory = join(root, 'web');
      const path = (name: string) => join(directory, name);
      mkdirSync(directory);
      if (!isEarly) writeFileSync(path('current'), 'one\n');
      const found: string[] = [];
      const follower = follow('web', found);
      if (isEarly) writeFileSync(path('current'), 'one\n');
      const rotate = (digit: number, next: string) => {
        renameSync(path('current'), path(`@${String(digit).repeat(24)}.s`));
        writeFileSync(path('current'), next);
      };
      rotate(1, 'two\n');
      rotate(2, 'three\n');
      rotate(3, 'four\n');
      rmSync(path(`@${'1'.repeat(24)}.s`));
      follower.look();
      follower.close();
      expect(found).toEqual(isEarly ? ['two', 'three', 'four'] : ['one', 'two', 'three', 'four']);
    },
  );

  it('begins at the end, and misses nothing over rotations', async () => {
    const log = logger('web', 'none');
    log.write(bytes('before\n'));
    const found: string[] = [];
    const follower = follow('web', found, { count: 0, since: Number.NEGATIVE_INFINITY });
    for (let i = 0; i < 500; i++) {
      log.write(bytes(`line ${i}\n`));
      // Some rotations happen between two looks, others not.
      if (i % 40 === 0) await eventually('what was written', () => found.includes(`line ${i}`));
    }
    await eventually('the last line', () => found.includes('line 499'));
    follower.close();
    log.close();
    expect(found).toEqual(Array.from({ length: 500 }, (_, i) => `line ${i}`));
  });
});

describe('logDirectoryOf', () => {
  it('finds the directory of a log file, of a logger with a run of its own, and through a funnel', () => {
    const own = join(root, 'own');
    mkdirSync(own);
    writeFileSync(join(own, 'current'), '');
    const logFile = {
      directory: '/var/log/a',
      size: 1,
      keep: 1,
      timestamp: 'iso',
      prefix: '',
      mode: 0o640,
      link: null,
      select: [],
    } as const;
    const database = databaseOf(
      {
        a: longrun(''),
        'a-log': longrun('', { logger: logFile }),
        b: longrun(''),
        'b-log': longrun(`#!/bin/sh\nexec s6-log -b n20 t "${own}"\n`),
        c: longrun(''),
      },
      [
        ['a', 'a-log'],
        ['b', 'b-log'],
      ],
    );
    const found = everyService(database).map((service) => logDirectoryOf(database, service));
    expect(found).toEqual(['/var/log/a', '/var/log/a', own, own, null]);
  });
});
