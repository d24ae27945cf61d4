/** Nothing happens that the watch does not tell of, and nobody is believed to be supervised who is not. */

import { eventually } from '@muster/posix/test/eventually';
import { expect, test } from 'vitest';
import { differs, onEverySupervisor, type Role } from './subjects.ts';

/** runit waits for a second after a life that was shorter: so there are many at a time, and few one after another. */
const MANY = Array.from({ length: 40 }, (_, i) => `quick-${String(i).padStart(2, '0')}`);
const ROUNDS = 5;
const PAUSE: Role = { files: { type: 'longrun\n', run: '#!/bin/sh\nexec sleep 1000\n' } };

onEverySupervisor(
  () => ({
    ...Object.fromEntries(MANY.map((name) => [name, PAUSE])),
    script: { files: { type: 'oneshot\n', up: 'true\n' } },
    stayer: {
      files: {
        type: 'longrun\n',
        run: '#!/bin/sh\necho >&3\nexec sleep 1000\n',
        'notification-fd': '3\n',
      },
    },
  }),
  (stage) => {
    const seen = (name: string) => stage().longrun(name);

    test('200 quick starts and stops: none is missed', async () => {
      const { supervisor } = stage();
      const move = async (name: string) => {
        for (let round = 1; round <= ROUNDS; round++) {
          supervisor.start(stage().id(name));
          await stage().until(`${name} is up, ${round}`, () => seen(name).state === 'up');
          supervisor.stop(stage().id(name));
          await stage().until(`${name} is down, ${round}`, () => seen(name).state === 'down');
        }
      };
      await Promise.all(MANY.map(move));
      for (const name of MANY) {
        const end = { state: 'down', deaths: ROUNDS, lastExit: { code: 0, signal: 15 }, supervisorWants: 'down' };
        expect(seen(name)).toMatchObject(end);
        for (const other of await stage().others(name)) expect(other).toEqual(seen(name));
      }
    });

    test('supervisors that are gone: unsupervised, for who watched and for who has just come', async () => {
      const { supervisor, kind } = stage();
      const [stayer, script] = [stage().id('stayer'), stage().id('script')];
      supervisor.start(stayer);
      // Ready, and not only up: before it executes its run it is a copy of its supervisor, and is killed as one.
      await stage().until('stayer is ready', () => seen('stayer').ready);
      const { pid } = seen('stayer');
      await stage().lose();
      const isLost = () => supervisor.observe(stayer).kind === 'unsupervised';
      if (differs(kind, 'watch does not tell that a supervisor was killed')) expect(isLost()).toBe(true);
      else await stage().until('stayer is unsupervised', isLost);
      for (const other of await stage().others('stayer')) expect(other).toMatchObject({ kind: 'unsupervised' });
      supervisor.start(script);
      await eventually('script is unsupervised', () => supervisor.observe(script).kind === 'unsupervised');
      if (kind !== 'simulated') expect(process.kill(pid, 0)).toBe(true);
    });
  },
);
