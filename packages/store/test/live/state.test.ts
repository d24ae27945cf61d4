import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceId } from '@muster/core/model/database';
import { BLANK_RECORD } from '@muster/core/model/record';
import { createState, createStateFrom, StateDamaged, StateFile } from '@muster/store/live/state';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-'));
  path = join(directory, 'state');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a new state file says that nothing was done to any service', () => {
  createState(path, 3);
  const state = new StateFile(path, 3);
  expect(state.readAll()).toEqual([BLANK_RECORD, BLANK_RECORD, BLANK_RECORD]);
  state.close();
});

test('a wish and a deed are written apart, and what was written is read', () => {
  createState(path, 2);
  const state = new StateFile(path, 2);
  const deed = {
    transition: 'down',
    phase: 'failed',
    cause: 'exited',
    exit: { code: 255, signal: 0 },
    began: 1_800_000_000_123.25,
    ended: 1_800_000_000_200,
    contentHash: Uint8Array.from({ length: 32 }, (_, i) => i * 7),
  } as const;
  state.write(serviceId(1), deed);
  expect(state.read(serviceId(1))).toEqual({ ...deed, wanted: 'no', wantedBy: 0 });
  state.wish(serviceId(1), 'explicit');
  expect(state.read(serviceId(1))).toEqual({ ...deed, wanted: 'explicit', wantedBy: process.pid });
  expect(state.read(serviceId(0))).toEqual(BLANK_RECORD);
  state.close();

  const copy = join(directory, 'copy');
  createStateFrom(copy, [BLANK_RECORD, { ...deed, exit: { code: 0, signal: 9 }, wanted: 'pulled', wantedBy: 5 }]);
  expect(new StateFile(copy, 2).read(serviceId(1)).exit).toEqual({ code: 0, signal: 9 });
});

test('a file that is no state file, is too short, or has other services is refused', () => {
  writeFileSync(path, 'something else, and long enough to be one, as far as its size says: 64 bytes');
  expect(() => new StateFile(path, 0)).toThrow(StateDamaged);
  createState(path, 3);
  expect(() => new StateFile(path, 4)).toThrow('it has 3 services, the database 4');
  truncateSync(path, 100);
  expect(() => new StateFile(path, 3)).toThrow('it is cut off');
});

test("100,000 reads during another process's writes see no half of a record", async () => {
  const services = 64;
  createState(path, services);
  const writer = Bun.spawn([process.execPath, join(import.meta.dirname, 'state-writer.ts'), path, String(services)], {
    stdout: 'pipe',
  });
  await writer.stdout.getReader().read();
  const state = new StateFile(path, services);
  const seen = new Set<number>();
  // More than that where the writer gets no turn on a busy machine.
  for (let reads = 0, compared = 0; compared < 100_000 || seen.size < 2; reads++) {
    const { exit, began, ended, contentHash } = state.read(serviceId(reads % services));
    if (exit === null) continue;
    compared++;
    const byte = exit.code;
    if (began !== byte || ended !== byte * 1000 || contentHash.some((value) => value !== byte)) {
      throw new Error(`torn: ${byte} ${began} ${ended}`);
    }
    seen.add(byte);
  }
  writer.kill();
  await writer.exited;
});
