/** What goes wrong while something is waited for comes to who waits. */
import { getEventListeners } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyService } from '@muster/core/model/database';
import { compileFiles } from '@muster/core/test/compile/sources';
import { originalEnvironment } from '@muster/posix/environment';
import { eventually } from '@muster/posix/test/eventually';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { createLive } from '@muster/store/live/create';
import { livePaths, STATE_FILE } from '@muster/store/live/paths';
import { StateDamaged } from '@muster/store/live/state';
import { consumersOf, renderService } from '@muster/supervisors/arrange/services';
import { DEFAULT_SUPERVISOR } from '@muster/supervisors/supervisor-table';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UNHEARD } from '../src/events.ts';
import { openForReading } from '../src/open/read.ts';
import { followSuccession } from '../src/open/succession.ts';
import { waitFor } from '../src/wait.ts';

let directory: string;
let root: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-wait-'));
  root = join(directory, 'live');
  const { database } = compileFiles({ 'mount/type': 'oneshot\n', 'mount/up': '/bin/true\n' }, definitionEncoding);
  if (database === undefined) throw new Error('the source does not compile');
  const { bytes, hash } = encode(database);
  const target = { supervisor: DEFAULT_SUPERVISOR, live: root, muster: '/bin/false' };
  createLive(root, {
    hash,
    database: bytes,
    mode: 0o644,
    backend: { kind: DEFAULT_SUPERVISOR.name, scandir: directory, prefix: '' },
    ownsScandir: DEFAULT_SUPERVISOR.ownsScandir,
    environment: originalEnvironment(),
    services: everyService(database).map((service) => renderService(database, service, target)),
    consumers: consumersOf(database),
  });
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The record of the first service, behind a head of 64 bytes. */
function damageRecord(): void {
  const file = openSync(join(livePaths(root).db, STATE_FILE), 'r+');
  writeSync(file, Buffer.alloc(16, 0xff), 0, 16, 64);
  closeSync(file);
}

function waiting() {
  const { signal } = new AbortController();
  const waited = waitFor({ root, names: ['mount'], way: 'up', limit: 0 }, { events: UNHEARD, signal });
  return { waited, listeners: () => getEventListeners(signal, 'abort').length };
}

test('a first look that fails rejects, and leaves nobody listening', async () => {
  damageRecord();
  const { waited, listeners } = waiting();
  await expect(waited).rejects.toThrow(StateDamaged);
  expect(listeners()).toBe(0);
});

test('a later look that fails rejects as well', async () => {
  const { waited, listeners } = waiting();
  expect(listeners()).toBe(1);
  damageRecord();
  await expect(waited).rejects.toThrow(StateDamaged);
  expect(listeners()).toBe(0);
});

test('an onlooker who throws is told of it once, and looks no more', async () => {
  const opened = openForReading(root, UNHEARD);
  if (!opened.ok) throw new Error('the live directory cannot be opened');
  let looks = 0;
  const failures: unknown[] = [];
  const refused = new Error('refused');
  followSuccession(opened.value, 1, {
    looks: () => {
      looks++;
      throw refused;
    },
    moved: () => {},
    ended: () => {},
    failed: (error) => failures.push(error),
  });
  await eventually('the failure', () => failures.length > 0);
  // A timer that still ran would ring as often as this one.
  await new Promise<void>((resolve) => {
    let rings = 0;
    const timer = setInterval(() => {
      if (++rings < 3) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  expect(looks).toBe(1);
  expect(failures).toEqual([refused]);
  opened.value.records.close();
});
