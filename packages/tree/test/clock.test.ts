/**
 * The clock is set by two days, as happens when a machine without a clock of its own learns the time. Nobody sets this machine's:
 * what a tree has written gets other dates while no tree is there, which is the same to the next one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import type { Slot } from '@muster/protocol/children-file';
import { decodeDeaths, encodeDeaths } from '@muster/protocol/s6/death-tally';
import { decodeStatus, encodeStatus } from '@muster/protocol/s6/status';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { s6 } from '@muster/protocol/test/rig';
import type { RestartRules } from '@muster/tree/service/restart-policy';
import { Restarts } from '@muster/tree/service/restarts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const TWO_DAYS = 2 * 24 * 3_600_000;
/** By how much what was written is off. */
const JUMPS = { 'set on': -TWO_DAYS, 'set back': TWO_DAYS };

let stage: Stage;
beforeEach(() => {
  stage = new Stage(embedded);
});
afterEach(() => stage.down());

const path = (name: string, file: string) => join(stage.rig.directory(name), 'supervise', file);
const status = (name: string) => decodeStatus(readFileSync(path(name, 'status')))!;
const deaths = (name: string) => decodeDeaths(readFileSync(path(name, 'death_tally')));

/** The tree is killed, and the next one finds dates that are off by `shift`. */
async function dieAndReturn(name: string, shift: number): Promise<void> {
  await stage.again(() => {
    const { stamp, readyStamp, ...rest } = status(name);
    writeFileSync(
      path(name, 'status'),
      encodeStatus({ ...rest, stamp: stamp + shift, readyStamp: readyStamp + shift }),
    );
    const shifted = deaths(name).map(({ at, exit }) => ({ at: at + shift, exit }));
    writeFileSync(path(name, 'death_tally'), encodeDeaths(shifted));
  });
}

/** What the tree had to do at once comes before what it has a time to wait for. */
async function settled(name = 'later'): Promise<void> {
  const { rig } = stage;
  rig.add(name, { files: { 'ready-after': '100\n' } });
  s6('s6-svscanctl', '-a', rig.scandir);
  await stage.answers(name);
  await stage.becomes(name, 'up,ready', 'true true');
}

describe.each(Object.entries(JUMPS))('the clock is %s while the tree is away', (_, shift) => {
  test('restart-limit counts the deaths of before', async () => {
    const { rig } = stage;
    rig.add('web', { files: { 'restart-delay': '0\n', 'restart-limit': '3/1h\n' } });
    await stage.up('web');
    for (const start of [1, 2]) {
      await stage.told('run', 'web', start);
      rig.order('web', 'exit 1');
    }
    await stage.told('run', 'web', 3);
    await dieAndReturn('web', shift);
    rig.order('web', 'exit 1');
    await stage.told('run', 'web', 4);
    rig.order('web', 'exit 1');
    await stage.becomes('web', 'up,wantedup', 'false false');
    expect(deaths('web')).toHaveLength(4);
  });

  test('restart-delay goes on', async () => {
    const { rig } = stage;
    rig.add('web', { files: { 'restart-delay': '1h\n' }, run: 'exit 1' });
    await stage.up('web');
    await rig.told('run', 'web');
    await eventually('it has died', () => deaths('web').length === 1);
    // Everything is written that belongs to its death.
    await settled('before');
    await dieAndReturn('web', shift);
    await settled();
    expect(stage.stat('web', 'up')).toBe('false');
    expect(rig.journal('run', 'web')).toHaveLength(1);
  });

  test('ready-after goes on', async () => {
    const { rig } = stage;
    rig.add('web', { files: { 'ready-after': '3600000\n' } });
    await stage.up('web');
    await rig.told('run', 'web');
    await dieAndReturn('web', shift);
    await settled();
    expect(stage.stat('web', 'up,ready')).toBe('true false');
    rig.add('soon', { files: { 'ready-after': '100\n' } });
    s6('s6-svscanctl', '-a', rig.scandir);
    await rig.told('run', 'soon');
    await dieAndReturn('soon', shift);
    await stage.becomes('soon', 'up,ready', 'true true');
  });
});

describe('what an earlier tree of an earlier boot knew', () => {
  const limited: RestartRules = {
    policy: 'always',
    delay: null,
    limit: { count: 2, window: 60_000 },
    successCodes: ['0'],
    retries: null,
    factor: 2,
  };
  const death = (at: number) => ({
    at,
    pid: 400,
    startTime: 500,
    lasted: 10,
    isWanted: false,
    isSuccess: false,
    isUnready: false,
  });
  const slot: Slot = {
    phase: 'run',
    inode: 1,
    pid: 400,
    startTime: 500,
    waitStatus: 0,
    asked: false,
    dying: false,
    killAt: 0,
    streak: 3,
    failedStarts: 2,
  };

  test('deaths that are still to come do not count', () => {
    const restarts = new Restarts();
    restarts.recall(
      slot,
      [90_000, 90_001, 90_002].map((at) => ({ at, pid: 0, startTime: 0 })),
      5000,
    );
    expect(restarts.judge(limited, death(5001))).toBe('goes on');
    expect(restarts.judge(limited, death(5002))).toBe('goes on');
    expect(restarts.judge(limited, death(5003))).toBe('is given up');
  });

  test('deaths before readiness go on to be counted, until it is ready or somebody starts it', () => {
    const limits: RestartRules = { ...limited, limit: null, retries: 3 };
    const failedStart = (at: number) => ({ ...death(at), isUnready: true });
    const restarts = new Restarts();
    restarts.recall(slot, [], 5000);
    expect(restarts.judge(limits, failedStart(5001))).toBe('goes on');
    expect(restarts.judge(limits, failedStart(5002))).toBe('is given up');
    for (const forget of [
      () => restarts.forgive(),
      () => restarts.ready(5003),
      () => restarts.judge(limits, death(5004)),
    ]) {
      forget();
      for (const at of [5005, 5006, 5007]) expect(restarts.judge(limits, failedStart(at))).toBe('goes on');
    }
    expect(restarts.judge(limits, failedStart(5008))).toBe('is given up');
  });

  test('a death that was counted, and not written down as judged, counts once', () => {
    const restarts = new Restarts();
    const before = { at: 5001, pid: 399, startTime: 490 };
    restarts.recall(slot, [before, { at: 5020, pid: 400, startTime: 500 }], 5100);
    expect(restarts.counted).toEqual([before]);
    expect(restarts.judge(limited, death(5100))).toBe('goes on');
    expect(restarts.counted).toEqual([before, { at: 5100, pid: 400, startTime: 500 }]);
  });

  test('that of another process, whose pid it has, stays counted, though it was seen within the tick of the start', () => {
    const restarts = new Restarts();
    const before = { at: 5000, pid: 400, startTime: 320 };
    restarts.recall(slot, [before], 5100);
    expect(restarts.counted).toEqual([before]);
  });

  test('the death of a process that was asked to end is no failure, though the service is to be up', () => {
    const restarts = new Restarts();
    restarts.recall({ ...slot, asked: true }, [], 5100);
    for (let times = 0; times < 5; times++) expect(restarts.judge(limited, death(5100))).toBe('goes on');
    expect(restarts.counted).toEqual([]);
    restarts.starts();
    restarts.judge(limited, death(5200));
    expect(restarts.counted).toHaveLength(1);
  });
});
