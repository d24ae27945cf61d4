import { decodeDeaths, encodeDeaths } from '@muster/protocol/s6/death-tally';
import { decodeStatus, encodeStatus, exitOf, STATUS_SIZE } from '@muster/protocol/s6/status';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const statuses = fc.record({
  stamp: fc.integer({ min: 0, max: 4e12 }),
  readyStamp: fc.integer({ min: 0, max: 4e12 }),
  pid: fc.integer({ min: 0, max: 4_194_304 }),
  waitStatus: fc.integer({ min: 0, max: 0xffff }),
  paused: fc.boolean(),
  finishing: fc.boolean(),
  wantUp: fc.boolean(),
  ready: fc.boolean(),
});

describe('supervise/status', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(statuses, (status) => {
        expect(decodeStatus(encodeStatus(status))).toEqual(status);
      }),
    );
  });

  test('has exactly 35 bytes', () => {
    expect(decodeStatus(new Uint8Array(STATUS_SIZE - 1))).toBeUndefined();
    expect(decodeStatus(new Uint8Array(STATUS_SIZE + 1))).toBeUndefined();
  });

  test('is the same bytes as what s6-supervise 2.11.3 wrote', () => {
    const captured = '400000006b015c2c1335a08f400000006b015c2c1357a9140000000000000000000f08';
    const status = decodeStatus(Uint8Array.from(Buffer.from(captured, 'hex')))!;
    expect(new Date(status.stamp).toISOString()).toBe('2026-11-21T08:53:27.322Z');
    expect(status).toMatchObject({
      pid: 0,
      waitStatus: 15,
      paused: false,
      finishing: false,
      wantUp: false,
      ready: true,
    });
    expect(exitOf(status.waitStatus)).toEqual({ code: 0, signal: 15 });
  });
});

test('a death tally is read as it was written', () => {
  const deaths = [
    { at: 1_000, exit: { code: 3, signal: 0 } },
    { at: 2_500, exit: { code: 0, signal: 9 } },
  ];
  expect(decodeDeaths(encodeDeaths(deaths))).toEqual(deaths);
  expect(encodeDeaths(deaths).slice(26)).toEqual(Uint8Array.of(137, 9));
});
