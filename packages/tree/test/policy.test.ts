/** Muster's own: restart, restart-delay, restart-limit, ready-check, ready-after. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processAge } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { decodeDeaths } from '@muster/protocol/s6/death-tally';
import { decodeStatus } from '@muster/protocol/s6/status';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { deathsWithin, delayAfter } from '@muster/tree/service/restart-policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let stage: Stage;
beforeEach(() => {
  stage = new Stage(embedded);
});
afterEach(() => stage.down());

const status = (name: string) => decodeStatus(readFileSync(join(stage.rig.directory(name), 'supervise/status')))!;

describe('restart', () => {
  test('never', async () => {
    const { rig } = stage;
    rig.add('web', { files: { restart: 'never\n' } });
    await stage.up('web');
    await rig.told('run', 'web');
    rig.order('web', 'exit 1');
    await stage.becomes('web', 'up,wantedup,exitcode', 'false false 1');
    stage.svc('web', '-u');
    await rig.told('run', 'web', 2);
  });

  test('on-failure: after exit 0 it stays down, after a failure it comes back', async () => {
    const { rig } = stage;
    rig.add('web', { files: { restart: 'on-failure\n', 'restart-delay': '0\n' } });
    await stage.up('web');
    await rig.told('run', 'web');
    rig.order('web', 'exit 1');
    await rig.told('run', 'web', 2);
    rig.order('web', 'exit 0');
    await stage.becomes('web', 'up,wantedup,exitcode', 'false false 0');
    expect(rig.journal('run', 'web')).toHaveLength(2);
  });

  test('a restart by hand is no reason to stay down', async () => {
    const { rig } = stage;
    const files = { restart: 'never\n', 'restart-delay': '60000\n', 'restart-limit': '0/60s\n' };
    rig.add('web', { files });
    await stage.up('web');
    await rig.told('run', 'web');
    stage.svc('web', '-wr', '-r');
    await rig.told('run', 'web', 2);
    expect(stage.stat('web', 'up,wantedup')).toBe('true true');
  });
});

describe('restart-delay', () => {
  test('grows from the first to the longest', () => {
    const delay = { delayMin: 200, delayMax: 1000 };
    const delays = (factor: number) => [1, 2, 3, 4, 5].map((streak) => delayAfter(delay, factor, streak));
    expect(delays(2)).toEqual([200, 400, 800, 1000, 1000]);
    expect(delays(3)).toEqual([200, 600, 1000, 1000, 1000]);
    expect(delays(1)).toEqual([200, 200, 200, 200, 200]);
    expect(delayAfter({ delayMin: 0, delayMax: 0 }, 100, 1e9)).toBe(0);
  });

  test('is waited', async () => {
    const { rig } = stage;
    rig.add('web', { files: { 'restart-delay': '100..200\n' }, run: 'exit 1' });
    await stage.up('web');
    await rig.told('run', 'web', 4);
    await eventually('four deaths', () => deaths('web').length >= 4);
    const [a, b, c, d] = deaths('web');
    expect(b! - a!).toBeGreaterThanOrEqual(99);
    expect(c! - b!).toBeGreaterThanOrEqual(199);
    expect(d! - c!).toBeGreaterThanOrEqual(199);
  });
});

describe('restart-limit', () => {
  test('is exceeded by one more death than it allows, within the time', () => {
    const limit = { count: 2, window: 100 };
    const counted = (...times: number[]) => {
      const deaths = times.map((at) => ({ at }));
      return deathsWithin(limit, deaths, 1000).map(({ at }) => at);
    };
    expect(counted(0, 950, 1000)).toEqual([950, 1000]);
    expect(counted(910, 920, 950, 1000)).toEqual([920, 950, 1000]);
  });

  test('makes the service fail: it is left down, and events say so', async () => {
    const { rig } = stage;
    rig.add('web', { files: { 'restart-delay': '0\n', 'restart-limit': '3/60s\n' }, run: 'exit 1' });
    await stage.up('web');
    await stage.becomes('web', 'up,wantedup', 'false false');
    expect(rig.journal('run', 'web')).toHaveLength(4);
    stage.svc('web', '-u');
    await rig.told('run', 'web', 8);
    await stage.becomes('web', 'up,wantedup', 'false false');
    expect(rig.journal('run', 'web')).toHaveLength(8);
  });
});

describe('readiness', () => {
  test('by ready-check, which is repeated until it succeeds', async () => {
    const { rig } = stage;
    const check = '#!/bin/sh\necho >>checks\n[ -e open ]\n';
    const directory = rig.add('web', { files: { 'ready-check': check, 'ready-check-interval': '10\n' } });
    await stage.up('web');
    await rig.told('run', 'web');
    await eventually('three checks', () => lines(join(directory, 'checks')) >= 3);
    expect(stage.stat('web', 'ready')).toBe('false');
    writeFileSync(join(directory, 'open'), '');
    await stage.becomes('web', 'up,ready', 'true true');
  });

  test('by ready-after, counted from the start also across the death of the tree', async () => {
    const { rig } = stage;
    rig.add('web', { files: { 'ready-after': '300\n' } });
    await stage.up('web');
    await rig.told('run', 'web');
    await stage.again();
    await stage.becomes('web', 'up,ready', 'true true');
    expect(processAge(status('web').pid)).toBeGreaterThanOrEqual(300);
  });
});

function deaths(name: string): number[] {
  return decodeDeaths(readFileSync(join(stage.rig.directory(name), 'supervise/death_tally'))).map(({ at }) => at);
}

function lines(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
