/** The whole way of a change and of an end under a supervisor that none of Muster's packages has heard of. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '@muster/core/execute/executor';
import { isSuccess } from '@muster/core/execute/outcome';
import { everyService, serviceNamed } from '@muster/core/model/database';
import { planChange } from '@muster/core/plan/change';
import { type Selection, select } from '@muster/core/plan/goal';
import { observedWorld } from '@muster/core/plan/world';
import { compileFiles } from '@muster/core/test/compile/sources';
import { originalEnvironment } from '@muster/posix/environment';
import { eventually, PATIENCE } from '@muster/posix/test/eventually';
import { musterCommand } from '@muster/protocol/test/contract/backends';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { writeBackend } from '@muster/store/live/backend';
import { createLive } from '@muster/store/live/create';
import { openLive } from '@muster/store/live/open';
import { Damaged } from '@muster/store/live/problem';
import { detach } from '@muster/supervisors/arrange/detach';
import { forceStop } from '@muster/supervisors/arrange/force-stop';
import { consumersOf, renderService } from '@muster/supervisors/arrange/services';
import { addSupervisor, everySupervisor, supervisorFor } from '@muster/supervisors/supervisor-table';
import { Fourth } from '@muster/supervisors/test/fourth/supervisor';
import { untilRead } from '@muster/supervisors/until-read';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announceChange } from '../src/change/announced.ts';
import { type Changing, openForChanging } from '../src/open/change.ts';
import { statusesOf } from '../src/status/service-status.ts';

const DAEMON = '#!/bin/sh\nexec sleep 1000\n';
const quiet = { emit: () => {} };
let directory: string;
let muster: string;
let opened: Changing;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-fourth-'));
  muster = join(directory, 'muster');
  const [program, words] = musterCommand();
  writeFileSync(muster, `#!/bin/sh\nexec '${program}' ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  const kind = new Fourth().kind(`fourth-${everySupervisor().length}`);
  addSupervisor(kind);
  const root = join(directory, 'live');
  makeLive(root, kind.name);
  const caller = { command: 'test', muster, events: quiet, signal: new AbortController().signal, terminal: null };
  const result = await openForChanging(root, { noWait: true, deadline: Number.POSITIVE_INFINITY }, caller);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  opened = result.value;
  expect(supervisorFor(opened.live)).toBe(kind);
  expect(kind.attach(opened.live, opened.database, muster)).toBe(true);
  expect(await untilRead(kind.controls(opened.live, opened.database), PATIENCE)).toEqual([]);
});

afterEach(async () => {
  opened.records.close();
  opened.lock.close();
  await forceStop(opened.live.paths.root, 0);
  rmSync(directory, { recursive: true, force: true });
});

function makeLive(root: string, kind: string): void {
  const { database } = compileFiles(
    {
      'prepare/type': 'oneshot\n',
      'prepare/up': `/bin/touch ${directory}/prepared\n`,
      'store/type': 'longrun\n',
      'store/run*': DAEMON,
      'store/dependencies.d/prepare': '',
      'web/type': 'longrun\n',
      'web/run*': `#!/bin/sh\n[ -e ${directory}/prepared ] || exit 1\nexec sleep 1000\n`,
      'web/dependencies.d/store': '',
    },
    definitionEncoding,
  );
  if (database === undefined) throw new Error('the source does not compile');
  const { bytes, hash } = encode(database);
  const backend = { kind, scandir: directory, prefix: '' };
  const supervisor = everySupervisor().find(({ name }) => name === kind)!;
  const { ownsScandir } = supervisor;
  const target = { supervisor, live: root, muster };
  const services = everyService(database).map((service) => renderService(database, service, target));
  const [environment, consumers] = [originalEnvironment(), consumersOf(database)];
  createLive(root, { hash, database: bytes, mode: 0o644, backend, ownsScandir, environment, services, consumers });
}

async function change(goal: 'up' | 'down', selection: Selection) {
  const { database } = opened;
  const site = await announceChange({ ...opened, muster }, 'test', quiet);
  const rest = { prune: false, release: false, forced: true };
  const plan = planChange(database, observedWorld(site.ports), { goal, selection, ...rest });
  const outcome = await execute(database, plan, site.ports).done;
  site.end();
  return { outcome, steps: plan.steps.map(({ service, action }) => `${action} ${database.names[service]}`) };
}

const named = (...names: string[]) => select(opened.database, names).selection;
const states = () => {
  return Object.fromEntries(
    statusesOf(opened, everyService(opened.database)).map(({ name, state }) => [name, state.name]),
  );
};
const statusOf = (name: string) => statusesOf(opened, [serviceNamed(opened.database, name)!])[0]!;

test('services come up in order, are started again, and go down', async () => {
  const up = await change('up', named('web'));
  expect(up.steps).toEqual(['up prepare', 'up store', 'up web']);
  expect(isSuccess(up.outcome)).toBe(true);
  expect(existsSync(join(directory, 'prepared'))).toBe(true);
  expect(states()).toMatchObject({ prepare: 'up', store: 'up', web: 'up' });

  const { pid } = statusOf('web');
  await eventually('the daemon', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('sleep'));
  process.kill(pid, 'SIGKILL');
  await eventually('another process', () => ![0, pid].includes(statusOf('web').pid));
  expect(statusOf('web').restarts).toBe(1);
  expect(statusOf('web').lastExit).toEqual({ code: 0, signal: 9 });

  const down = await change('down', named('store', 'web', 'prepare'));
  expect(down.steps).toEqual(['down web', 'down store', 'down prepare']);
  expect(isSuccess(down.outcome)).toBe(true);
  expect(states()).toMatchObject({ prepare: 'down', store: 'down', web: 'down' });
  expect(await detach(opened.live, opened.database, PATIENCE)).toBe(true);
});

test('what is up is ended by force', async () => {
  await change('up', named('web'));
  const pids = ['store', 'web'].map((name) => statusOf(name).pid);
  expect(pids.every((pid) => pid > 0)).toBe(true);
  expect(await forceStop(opened.live.paths.root, PATIENCE)).toBe(true);
  for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('a live directory under a supervisor that nobody knows is a damaged one', () => {
  const { paths, backend } = opened.live;
  writeFileSync(paths.backend, `unheard-of\n${directory}\n\n`);
  const live = openLive(paths.root);
  if (!live.ok) throw new Error(live.problem.message);
  expect(() => supervisorFor(live.value)).toThrow(Damaged);
  writeBackend(paths.backend, backend);
});
