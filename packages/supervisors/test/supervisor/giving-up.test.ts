/** A supervisor that gives a service up, or finds it done: every client sees it, until it is started again. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit, LongrunObservation } from '@muster/core/model/observation';
import { expect, test } from 'vitest';
import { onEverySupervisor, type Role } from './subjects.ts';

/** Each of them goes on running only while there is a file `stay`. */
const RULES = {
  never: { files: { restart: 'never\n' }, exit: { code: 3, signal: 0 }, deaths: 1, end: 'failed' },
  'on-failure': { files: { restart: 'on-failure\n' }, exit: { code: 0, signal: 0 }, deaths: 1, end: 'done' },
  coded: {
    files: { restart: 'on-failure\n', 'success-codes': '3\n' },
    exit: { code: 3, signal: 0 },
    deaths: 1,
    end: 'done',
  },
  killed: {
    files: { restart: 'never\n', 'success-codes': '0\nSIGUSR1\n', finish: '#!/bin/sh\nexit 0\n' },
    exit: { code: 0, signal: 10 },
    deaths: 1,
    end: 'done',
  },
  limited: { files: { 'restart-limit': '1/60s\n' }, exit: { code: 4, signal: 0 }, deaths: 2, end: 'failed' },
  'finish-125': {
    files: { restart: 'never\n', 'success-codes': 'KILL\n', finish: '#!/bin/sh\nexit 125\n' },
    exit: { code: 0, signal: 9 },
    deaths: 1,
    end: 'failed',
  },
};
const NAMES = Object.keys(RULES) as (keyof typeof RULES)[];

onEverySupervisor(
  (directory) => Object.fromEntries(NAMES.map((name) => [name, doomed(directory, name)])),
  (stage) => {
    const start = (name: string) => stage().supervisor.start(stage().id(name));
    const seen = (name: string) => stage().longrun(name);
    const expectSameTruth = async (name: string) => {
      for (const other of await stage().others(name)) expect(other).toEqual(seen(name));
    };

    test.each(NAMES)('%s', async (name) => {
      const { exit, deaths } = RULES[name];
      const stay = join(stage().directory, 'stay');
      rmSync(stay, { force: true });
      for (const times of [1, 2]) {
        start(name);
        const total = deaths * times;
        const has = (what: LongrunObservation) => (RULES[name].end === 'done' ? what.done === true : what.failed);
        await stage().until(`the end of ${name}`, () => has(seen(name)) && seen(name).deaths === total);
        await stage().until(`${name} is down`, () => isLeftDown(seen(name)));
        const end = { state: 'down', ready: false, pid: 0, supervisorWants: 'down', lastExit: exit };
        expect(seen(name)).toMatchObject(end);
        await expectSameTruth(name);
      }
      writeFileSync(stay, '');
      start(name);
      await stage().until(`${name} is up`, () => seen(name).state === 'up');
      expect(seen(name)).toMatchObject({ failed: false, supervisorWants: 'up', lastExit: exit });
      expect(seen(name)).not.toHaveProperty('done');
      await expectSameTruth(name);
      stage().supervisor.stop(stage().id(name));
      await stage().until(`${name} is down`, () => seen(name).state === 'down');
      if (name !== 'finish-125') {
        expect(seen(name)).toMatchObject({ failed: false, supervisorWants: 'down', lastExit: { code: 0, signal: 15 } });
        await expectSameTruth(name);
      }
    });
  },
);

function doomed(directory: string, name: keyof typeof RULES): Role {
  const { files, exit, deaths, end } = RULES[name];
  const isStaying = () => existsSync(join(directory, 'stay'));
  let died = 0;
  return {
    files: {
      type: 'longrun\n',
      run: `#!/bin/sh\n[ -e ${directory}/stay ] && exec sleep 1000\n${ends(exit)}\n`,
      ...files,
    },
    simulated: {
      start: () => ({ spawn: 1, ready: 0, death: isStaying() ? null : 1, exit }),
      givesUp: () => ++died % deaths === 0,
      mayEnd: () => end === 'done',
    },
  };
}

/** runsv may sleep before it hears of it. */
function isLeftDown({ state, supervisorWants }: LongrunObservation): boolean {
  return state === 'down' && supervisorWants === 'down';
}

function ends({ code, signal }: Exit): string {
  return signal === 0 ? `exit ${code}` : `kill -${signal} $$`;
}
