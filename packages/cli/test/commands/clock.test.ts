/**
 * What is shown of times when the clock has been set by two days. Nobody sets this machine's: what was written down gets other
 * dates, which is the same to who looks.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceId } from '@muster/core/model/database';
import { decodeStatus, encodeStatus } from '@muster/protocol/s6/status';
import { StateFile } from '@muster/store/live/state';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestSite } from '../update/test-site.ts';

const TWO_DAYS = 2 * 24 * 3_600_000;
const AN_HOUR = 3_600_000;
/** A duration of less than an hour, as it is printed. */
const SHORT = /^(\d+ ms|\d+(\.\d)? s|\d+ min \d+ s)$/;

const TREE = {
  'disk/type': 'oneshot\n',
  'disk/up': 'true\n',
  'db/type': 'longrun\n',
  'db/run': '#!/bin/sh\nexec sleep 1000000\n',
  'db/dependencies.d/disk': '',
  'mail/type': 'longrun\n',
  'mail/run': '#!/bin/sh\necho in vain >&2\nexit 3\n',
  'mail/restart': 'never\n',
  'mail/notification-fd': '3\n',
};

let site: TestSite;
beforeEach(async () => {
  site = new TestSite();
  await site.boot(TREE, []);
  await site.runAside('rc-change', 'db', 'mail');
});
afterEach(() => site.remove());

/** All dates but those in events are off by `shift`. */
function shiftDates(shift: number): void {
  const names = ['db', 'disk', 'mail'];
  const records = new StateFile(join(site.live, 'db/state'), names.length);
  for (const [id, name] of names.entries()) {
    const { began, ended, ...rest } = records.read(serviceId(id));
    records.write(serviceId(id), { ...rest, began: began + shift, ended: ended + shift });
    if (name === 'disk') continue;
    const path = join(site.live, 'services', name, 'supervise/status');
    const { stamp, readyStamp, ...more } = decodeStatus(readFileSync(path))!;
    writeFileSync(path, encodeStatus({ ...more, stamp: stamp + shift, readyStamp: readyStamp + shift }));
  }
  records.close();
}

/** NAME to SINCE. */
async function shownAges(): Promise<Map<string, string>> {
  const [head, ...lines] = (await site.must('rc-status')).trimEnd().split('\n');
  const [from, to] = [head!.indexOf('SINCE'), head!.indexOf('PID')];
  return new Map(lines.map((line) => [line.split(' ', 1)[0]!, line.slice(from, to).trim()]));
}

test('what runs is as old as its process, whatever dates say', async () => {
  for (const shift of [-TWO_DAYS, 2 * TWO_DAYS]) {
    shiftDates(shift);
    expect((await shownAges()).get('db')).toMatch(SHORT);
    const why = await site.must('rc-why', 'db');
    expect(/^db is up since (.*): it was asked for/.exec(why)?.[1]).toMatch(SHORT);
  }
});

test('what is still to come is new, and its last words are shown', async () => {
  shiftDates(TWO_DAYS);
  for (const age of (await shownAges()).values()) expect(age).toMatch(SHORT);
  expect(await site.must('rc-why', 'mail')).toContain('    | in vain\n');
});

test('rc-timeline counts from event to event, also of those that an older version wrote', async () => {
  const path = join(site.live, 'events');
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line));
  expect(events.every(({ uptime }) => uptime > 0)).toBe(true);
  for (const [isOlder, shift, from] of [
    ...events.flatMap((_, at) => [
      [false, TWO_DAYS, at] as const,
      [false, -TWO_DAYS, at] as const,
      [true, -TWO_DAYS, at] as const,
    ]),
    // The clock is set while a service starts.
    [true, TWO_DAYS, events.findIndex(({ event, service }) => event === 'up' && service === 'disk')] as const,
  ]) {
    const set = events.map(({ uptime, at, ...event }, index) => ({
      ...event,
      at: index < from ? at : at + shift,
      ...(isOlder ? {} : { uptime }),
    }));
    writeFileSync(path, [head, ...set.map((event) => JSON.stringify(event)), ''].join('\n'));
    const { duration, steps } = JSON.parse(await site.must('rc-timeline', '--json'));
    expect(steps).toHaveLength(3);
    for (const time of [duration, ...steps.flatMap(({ began, ended }: Record<string, number>) => [began, ended])]) {
      expect(time).toBeGreaterThanOrEqual(0);
      expect(time).toBeLessThan(AN_HOUR);
    }
    for (const { began, ended } of steps) expect(ended).toBeGreaterThanOrEqual(began);
  }
});
