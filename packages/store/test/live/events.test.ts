import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { EventWriter, type NewEvent, readEvents } from '../../src/live/events.ts';

const directory = mkdtempSync(join(tmpdir(), 'muster-events-'));
const paths = { events: join(directory, 'events') };
afterEach(() => {
  rmSync(paths.events, { force: true });
  rmSync(`${paths.events}.old`, { force: true });
});
afterAll(() => rmSync(directory, { recursive: true }));

function event(service: string): NewEvent {
  return { at: 1, change: 7, event: 'up', service };
}

test('what several writers append is read in order, with rising numbers', () => {
  const writers = [new EventWriter(paths), new EventWriter(paths)];
  for (let round = 0; round < 10; round++)
    for (const [n, writer] of writers.entries()) writer.append([event(`${round}.${n}`)]);
  const events = readEvents(paths);
  expect(events.map(({ service }) => service)).toEqual(
    Array.from({ length: 20 }, (_, at) => `${Math.floor(at / 2)}.${at % 2}`),
  );
  const numbers = events.map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(readEvents(paths, numbers[9])).toEqual(events.slice(10));
});

test('names of any script are kept', () => {
  new EventWriter(paths).append([event('café ☃')]);
  expect(readEvents(paths)[0]!.service).toBe('café ☃');
});

test('half a line of a writer that was killed is passed over', () => {
  const writer = new EventWriter(paths);
  writer.append([event('a')]);
  appendFileSync(paths.events, '{"at":1,"eve\n');
  writer.append([event('b')]);
  appendFileSync(paths.events, '{"at":1');
  expect(readEvents(paths).map(({ service }) => service)).toEqual(['a', 'b']);
});

test('the files stay bounded, numbers go on rising, and the last events are there', () => {
  const writers = [new EventWriter(paths), new EventWriter(paths)];
  const batch = Array.from({ length: 1000 }, () => event('x'.repeat(100)));
  let last = -1;
  for (let round = 0; round < 40; round++) {
    writers[round % 2]!.append([...batch, event(`last of ${round}`)]);
    const newest = readEvents(paths, last);
    expect(newest.at(-1)!.service).toBe(`last of ${round}`);
    expect(newest.length).toBeGreaterThan(0);
    last = newest.at(-1)!.seq;
  }
  expect(statSync(paths.events).size + statSync(`${paths.events}.old`).size).toBeLessThan(2 * 1024 * 1024);
});
