/** What the driver makes of the files of a supervisor that is just writing them. */

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceId } from '@muster/core/model/database';
import { encodeDeaths } from '@muster/protocol/s6/death-tally';
import { encodeStatus, type Status, waitStatusOf } from '@muster/protocol/s6/status';
import { S6Driver } from '@muster/supervisors/s6/driver';
import { afterEach, beforeEach, expect, test } from 'vitest';

const START = Date.UTC(2026, 0, 1);
const UP: Status = {
  stamp: START,
  readyStamp: START,
  pid: 4711,
  waitStatus: 0,
  paused: false,
  finishing: false,
  wantUp: true,
  ready: false,
};
const DOWN: Status = { ...UP, pid: 0, wantUp: false };
const SEVEN = { code: 7, signal: 0 };
const TERM = { code: 0, signal: 15 };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-driver-'));
  mkdirSync(join(directory, 'supervise'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What is seen of a status, and of a tally whose last death came so many milliseconds after its stamp. */
function seen(status: Status, exit: typeof SEVEN, after: number) {
  const supervise = join(directory, 'supervise');
  writeFileSync(join(supervise, 'status'), encodeStatus(status));
  writeFileSync(join(supervise, 'death_tally'), encodeDeaths([{ at: status.stamp + after, exit }]));
  const time = new Date(status.stamp + after);
  utimesSync(join(supervise, 'death_tally'), time, time);
  const driver = new S6Driver(
    () => directory,
    () => false,
  );
  return driver.observeUnder(serviceId(0));
}

test.each([
  ['ran', UP],
  ['was down', DOWN],
])('a death since the status that says that it %s is told as the tally tells it', (_, status) => {
  expect(seen(status, SEVEN, 30)).toMatchObject({ deaths: 1, lastExit: SEVEN });
});

test('a death before the start of what runs is told as the status tells it', () => {
  expect(seen({ ...UP, waitStatus: waitStatusOf(TERM) }, SEVEN, -30)).toMatchObject({ deaths: 1, lastExit: TERM });
});

test('a process that dies in the moment of its start has exited as the tally says', () => {
  expect(seen(UP, SEVEN, 0)).toMatchObject({ state: 'up', lastExit: SEVEN });
});
