/** What the engine relies on for oneshots: one script after another, and how each ended. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { expect, test } from 'vitest';
import { differs, onEverySupervisor } from './subjects.ts';

const SUCCESS = { code: 0, signal: 0 };
const ENDS = {
  up: { command: 'exit 0', exit: SUCCESS },
  reload: { command: 'kill -KILL $$', exit: { code: 0, signal: 9 } },
  down: { command: 'exit 7', exit: { code: 7, signal: 0 } },
} as const;
const ACTIONS = ['up', 'reload', 'down'] as const;
type Action = (typeof ACTIONS)[number];

onEverySupervisor(
  (directory) => ({
    empty: { files: { type: 'oneshot\n', up: '' } },
    endless: {
      files: { type: 'oneshot\n', up: 'sleep 1000\n' },
      simulated: { script: (action) => ({ duration: action === 'up' ? null : 1, exit: SUCCESS }) },
    },
    dogged: {
      files: {
        type: 'oneshot\n',
        'up*': `#!/bin/sh\ntrap 'echo told >>${directory}/told' TERM\n: >${directory}/runs\nwhile [ ! -e ${directory}/go ]; do sleep 0.05; done\n`,
      },
    },
    gated: {
      files: { type: 'oneshot\n', up: `sh -c "read -r line <${directory}/gate-gated"\n` },
      simulated: { script: () => ({ duration: 5, exit: SUCCESS }) },
    },
    worker: {
      files: { type: 'oneshot\n', ...Object.fromEntries(ACTIONS.map((action) => [action, command(action)])) },
      simulated: { script: (action) => ({ duration: 1, exit: ENDS[action].exit }) },
    },
  }),
  (stage, kind) => {
    const seen = (name: string) => stage().oneshot(name);
    const tell = (name: string, action: Action) => {
      const { supervisor } = stage();
      const verb = { up: supervisor.start, down: supervisor.stop, reload: supervisor.reload }[action];
      verb.call(supervisor, stage().id(name));
    };
    const hasEnded = (name: string, action: Action) => () =>
      seen(name).running === null && seen(name).last?.action === action;
    const expectSameTruth = async (name: string) => {
      for (const other of await stage().others(name)) expect(other).toEqual(seen(name));
    };

    test('up, reload, down: each with its exit code or signal', async () => {
      expect(seen('worker')).toMatchObject({ running: null, pid: 0, last: null });
      for (const action of ACTIONS) {
        tell('worker', action);
        await stage().until(`${action} ended`, hasEnded('worker', action));
        expect(seen('worker')).toMatchObject({ pid: 0, last: { action, exit: ENDS[action].exit } });
        await expectSameTruth('worker');
      }
    });

    test('the same action again is another end', async () => {
      for (let times = 0; times < 5; times++) {
        const before = seen('worker').last?.at ?? 0;
        tell('worker', 'up');
        await stage().until('another end', () => (seen('worker').last?.at ?? 0) > before);
        expect(seen('worker').last).toMatchObject({ action: 'up', exit: SUCCESS });
      }
    });

    test('nothing to do succeeds', async () => {
      for (const action of ['up', 'down'] as const) {
        tell('empty', action);
        await stage().until(`${action} ended`, hasEnded('empty', action));
        expect(seen('empty').last).toMatchObject({ exit: SUCCESS });
      }
    });

    test('a script that runs is seen, and what is asked meanwhile comes after it', async () => {
      tell('gated', 'up');
      await stage().until('it runs', () => seen('gated').running === 'up' && seen('gated').pid > 0);
      expect(seen('gated').last).toBeNull();
      await expectSameTruth('gated');
      tell('gated', 'down');
      expect(seen('gated').running).toBe('up');
      stage().give('gated', 'go on');
      await stage().until('down ended', hasEnded('gated', 'down'));
      expect(seen('gated').last).toMatchObject({ exit: SUCCESS });
    });

    test('kill ends the script that runs', async () => {
      tell('endless', 'up');
      await stage().until('it runs', () => seen('endless').running === 'up' && seen('endless').pid > 0);
      stage().supervisor.kill(stage().id('endless'));
      await stage().until('it ended', hasEnded('endless', 'up'));
      expect(seen('endless')).toMatchObject({ pid: 0, last: { action: 'up', exit: { code: 0, signal: 15 } } });
      stage().supervisor.kill(stage().id('endless'));
      tell('endless', 'down');
      await stage().until('down ended', hasEnded('endless', 'down'));
      expect(seen('endless').last).toMatchObject({ exit: SUCCESS });
    });

    if (!differs(kind, 'signals are not carried out'))
      test('a script that is killed is told once, however often that is asked for', async () => {
        const left = (file: string) => join(stage().directory, file);
        tell('dogged', 'up');
        await eventually('its trap', () => existsSync(left('runs')));
        for (let times = 0; times < 5; times++) stage().supervisor.kill(stage().id('dogged'));
        await eventually('the signal', () => existsSync(left('told')));
        for (let times = 0; times < 5; times++) stage().supervisor.kill(stage().id('dogged'));
        // Asked for after that, and done: what was asked for before was read.
        const before = seen('worker').last?.at ?? 0;
        tell('worker', 'up');
        await stage().until('another end', () => (seen('worker').last?.at ?? 0) > before);
        writeFileSync(left('go'), '');
        await stage().until('it ended', hasEnded('dogged', 'up'));
        expect(readFileSync(left('told'), 'utf8')).toBe('told\n');
      });
  },
);

function command(action: Action): string {
  return `sh -c "${ENDS[action].command}"\n`;
}
