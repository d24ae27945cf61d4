/** The short form of scripts/soak/fork-bomb.ts. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pidsCgroupMissing } from '@muster/posix/test/pids-cgroup';
import { describe, expect, test } from 'vitest';
import { bomb } from './fork-bomb.ts';

const canUnshare = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;
const canBeNobody = spawnSync('setpriv', ['--reuid=65534', '--clear-groups', 'true']).status === 0;
const missing = pidsCgroupMissing ?? (canUnshare && canBeNobody ? null : 'unshare or setpriv, as root');
if (missing !== null) console.log(`skipped: a fork bomb in a container: ${missing}`);

describe.skipIf(missing !== null)('a fork bomb in a container of 64 processes', () => {
  test('takes nothing from the other services, and every order is answered', async () => {
    const muster = join(import.meta.dirname, '../../../build/muster');
    const report = await bomb({ duration: 3000, services: 5, processes: 64, muster });
    expect(report).toMatchObject({ lost: [], unanswered: [] });
    expect(report.refusals).toBeGreaterThan(0);
  });
});
