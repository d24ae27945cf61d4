/** Commands in a PID namespace of their own: what is a process here has another number there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { SupervisedMachine } from './supervisors.ts';

const PRIVATE = 'unshare --pid --fork --mount-proc';
const SHARED = 'unshare --pid --fork';
const canUnshare = spawnSync('sh', ['-c', `${PRIVATE} true`]).status === 0;
if (!canUnshare) console.log('skipped: PID namespaces, which take root and unshare');

let supervised: SupervisedMachine | undefined;
afterEach(() => supervised?.dispose());

test.runIf(canUnshare).each([SHARED, PRIVATE])(
  'a command in a script never waits for that script: %s',
  async (unshare) => {
    const up = `sh -c "${unshare} rc-change -t 20s self >$RC_LIVE/told 2>&1; echo exit $? >>$RC_LIVE/told"\n`;
    supervised = new SupervisedMachine('embedded', () => ({ self: { type: 'oneshot\n', up } }));
    await supervised.boot();
    const { machine } = supervised;
    machine.must('rc-change', 'self');
    const told = readFileSync(join(machine.live, 'told'), 'utf8');
    expect(told).toMatch(/self/);
    expect(told).not.toMatch(/time/);
    expect(told).not.toMatch(/exit 0/);
  },
);
