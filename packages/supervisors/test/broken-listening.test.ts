/** What goes wrong where nobody waits for it is thrown at the next look, and ends no process. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceId } from '@muster/core/model/database';
import { processFacts } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { StatusWatch } from '@muster/supervisors/status-watch';
import { StrayGuard } from '@muster/supervisors/strays/stray-guard';
import { afterEach, beforeEach, expect, test } from 'vitest';

const WEB = serviceId(0);
const refused = new Error('refused');
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-listening-'));
  mkdirSync(join(directory, 'web'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a listener that throws is told once more, and finds out at its look', async () => {
  const statuses = new StatusWatch(() => join(directory, 'web'));
  let calls = 0;
  const watch = statuses.watch([WEB], () => {
    if (++calls === 1) throw refused;
  });
  statuses.throwFailure();
  writeFileSync(join(directory, 'new'), '');
  renameSync(join(directory, 'new'), join(directory, 'web/status'));
  await eventually('another call', () => calls === 2);
  expect(() => statuses.throwFailure()).toThrow(refused);
  watch.close();
  // Whoever begins anew is told of what is then.
  const next = statuses.watch([WEB], () => {});
  statuses.throwFailure();
  next.close();
});

test('a start after strays that fails is known until the service is told something else', async () => {
  const child = spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' });
  const pid = child.pid!;
  const guard = new StrayGuard(() => [{ service: 'web', pid, startTime: processFacts(pid)!.startTime }]);
  let begun = 0;
  guard.start('web', () => {
    begun++;
    throw refused;
  });
  guard.throwFailure('web');
  await eventually('the start', () => begun === 1);
  await eventually('the failure', () => isThrown(() => guard.throwFailure('web')));
  expect(() => guard.throwFailure('web')).toThrow(refused);
  guard.throwFailure('other');
  guard.cancel('web');
  guard.throwFailure('web');
});

function isThrown(act: () => void): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}
