/** A life of a live directory from init to shutdown, by functions alone, as a server would go through it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isSuccess } from '@muster/core/execute/outcome';
import type { Database, ServiceId } from '@muster/core/model/database';
import { compileFiles } from '@muster/core/test/compile/sources';
import { NO_DEADLINE } from '@muster/posix/deadline';
import { hasOpen } from '@muster/posix/process';
import { PATIENCE } from '@muster/posix/test/eventually';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { livePaths } from '@muster/store/live/paths';
import { forceStop } from '@muster/supervisors/arrange/force-stop';
import type { SupervisorAdapter } from '@muster/supervisors/supervisor-adapter';
import { addSupervisor, DEFAULT_SUPERVISOR } from '@muster/supervisors/supervisor-table';
import { Fourth } from '@muster/supervisors/test/fourth/supervisor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BootRequest, boot } from '../src/boot.ts';
import type { Caller } from '../src/caller.ts';
import { change, planOfChange } from '../src/change/change.ts';
import type { ChangeRequest } from '../src/change/request.ts';
import { type ControlEvent, UNHEARD } from '../src/events.ts';
import { init } from '../src/init.ts';
import { withDatabase } from '../src/open/read.ts';
import { shutdown } from '../src/shutdown/shutdown.ts';
import { status } from '../src/status/status.ts';
import { reload } from '../src/update/reload.ts';
import { planOfUpdate, type UpdateRequest, update } from '../src/update/update.ts';
import { waitFor } from '../src/wait.ts';

type Files = Readonly<Record<string, string>>;

/** One that no package has heard of. */
const FOURTH = new Fourth().kind('fourth');
addSupervisor(FOURTH);

/** The executable that is the tree. */
const MUSTER = join(import.meta.dirname, '../../../build/muster');
const DAEMON = '#!/bin/sh\nexec sleep 1000000\n';
const longrun = (name: string, needs: readonly string[] = [], more: Files = {}): Files => ({
  [`${name}/type`]: 'longrun\n',
  [`${name}/run*`]: DAEMON,
  ...Object.fromEntries(needs.map((need) => [`${name}/dependencies.d/${need}`, ''])),
  ...Object.fromEntries(Object.entries(more).map(([file, text]) => [`${name}/${file}`, text])),
});
const prepare = (): Files => ({ 'prepare/type': 'oneshot\n', 'prepare/up': `/bin/touch ${directory}/prepared\n` });

let directory: string;
let root: string;
let compiled: string;
let told: string[];
let controller: AbortController;
let caller: Caller;
let kind: SupervisorAdapter;
/** Aborts the caller's signal as soon as this is told. */
let abortAt: string | null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-life-'));
  root = join(directory, 'live');
  compiled = join(directory, 'compiled');
  kind = DEFAULT_SUPERVISOR;
  told = [];
  abortAt = null;
  controller = new AbortController();
  const emit = (event: ControlEvent) => {
    told.push(wordsOf(event));
    if (told.at(-1) === abortAt) controller.abort();
  };
  caller = { command: 'a server', muster: MUSTER, events: { emit }, signal: controller.signal, terminal: null };
});

afterEach(async () => {
  if (existsSync(root)) await forceStop(root, 0);
  rmSync(directory, { recursive: true, force: true });
});

function wordsOf(event: ControlEvent): string {
  switch (event.event) {
    case 'begins':
      return `begins ${event.steps}`;
    case 'step':
      return `${event.step.event} ${event.database.names[event.step.service]}`;
    case 'planned':
      return `planned ${event.document.transitions.map(({ action, service }) => `${action} ${service}`).join(', ')}`;
    default:
      return event.event;
  }
}

function compile(files: Files): void {
  const { database } = compileFiles(files, definitionEncoding);
  if (database === undefined) throw new Error('the source does not compile');
  writeFileSync(compiled, encode(database).bytes, { mode: 0o644 });
}

function initRequest() {
  const backend = { kind: kind.name, scandir: kind.ownsScandir ? livePaths(root).scan : directory, prefix: '' };
  const rest = { insistsOnBackend: false, keptAs: null, limit: PATIENCE, deadline: NO_DEADLINE };
  return { root, compiled, backend, ...rest };
}

async function initialize(files: Files): Promise<void> {
  compile(files);
  const made = await init(initRequest(), caller);
  if (!made.ok) throw new Error(JSON.stringify(made.problem));
}

function changeRequest(names: readonly string[], more: Partial<ChangeRequest> = {}): ChangeRequest {
  const flags = { forced: false, all: false, prune: false, release: false, noWait: false };
  return { root, way: 'up', names, ...flags, deadline: NO_DEADLINE, jobs: undefined, ...more };
}

function bootRequest(names: readonly string[]): BootRequest {
  return { ...initRequest(), change: changeRequest(names) };
}

function updateRequest(): UpdateRequest {
  const options = { restart: 'changed', stopEssentials: false, conversionFile: undefined } as const;
  return {
    root,
    to: { kind: 'file', path: compiled },
    planned: null,
    ...options,
    noWait: false,
    deadline: NO_DEADLINE,
  };
}

function seen() {
  const report = status({ root, names: [] }, UNHEARD);
  if (!report.ok) throw new Error(JSON.stringify(report.problem));
  return Object.fromEntries(report.value.services.map(({ name, state, pid }) => [name, { state: state.name, pid }]));
}

const states = () => Object.fromEntries(Object.entries(seen()).map(([name, { state }]) => [name, state]));
const namesIn = (database: Database, entries: readonly { readonly service: ServiceId }[]) =>
  entries.map(({ service }) => database.names[service]);

test.each([DEFAULT_SUPERVISOR, FOURTH])('init, change, status, update, shutdown under $name', async (supervisor) => {
  kind = supervisor;
  await initialize({ ...prepare(), ...longrun('store', ['prepare']), ...longrun('web', ['store']) });
  expect(states()).toEqual({ prepare: 'down', store: 'down', web: 'down' });

  const planned = planOfChange(changeRequest(['web']), UNHEARD);
  expect(planned.ok && planned.value.plan.steps).toHaveLength(3);
  expect(told).toEqual([]);
  const changed = await change(changeRequest(['web']), caller);
  expect(changed.ok && isSuccess(changed.value.outcome)).toBe(true);
  expect(told[0]).toBe('begins 3');
  expect(told.filter((line) => line.startsWith('up '))).toEqual(['up prepare', 'up store', 'up web']);
  expect(states()).toEqual({ prepare: 'up', store: 'up', web: 'up' });
  const waited = await waitFor({ root, names: ['web'], way: 'up', limit: PATIENCE }, caller);
  expect(waited.ok && waited.value.end).toBe('so');

  const before = seen();
  compile({
    ...prepare(),
    ...longrun('store', ['prepare']),
    ...longrun('web', ['store'], { 'run*': `${DAEMON}# new\n` }),
  });
  const dry = planOfUpdate(updateRequest(), UNHEARD);
  expect(dry.ok && dry.value.document.restart).toEqual(['web']);
  told = [];
  const updated = await update(updateRequest(), caller);
  expect(updated).toMatchObject({ ok: true, value: { kind: 'applied', result: { kind: 'updated' }, notUp: [] } });
  expect(told.filter((line) => !/^(starting|stopping)/.test(line))).toEqual([
    'planned down web, up web',
    'begins 1',
    'down web',
    'begins 1',
    'up web',
  ]);
  expect(seen().store).toEqual(before.store);
  expect(seen().web!.pid).not.toBe(before.web!.pid);

  told = [];
  expect(await shutdown({ root, timeout: undefined }, caller)).toEqual({ ok: true, value: 'in-order' });
  expect(told.filter((line) => line.startsWith('down '))).toEqual(['down web', 'down store', 'down prepare']);
  expect(told.at(-1)).toBe('ended');
  expect(existsSync(root)).toBe(false);
});

test('boot tells and does what init and change do', async () => {
  const files = { ...prepare(), ...longrun('store', ['prepare']), ...longrun('web', ['store']), ...longrun('other') };
  await initialize(files);
  const apart = await change(changeRequest(['web']), caller);
  const toldApart = [...told];
  const statesApart = states();
  await shutdown({ root, timeout: undefined }, caller);

  told = [];
  const booted = await boot(bootRequest(['web']), caller);
  if (!apart.ok || !booted.ok) throw new Error('neither of them meets a problem');
  const result = ({ value: { outcome, live } }: typeof apart) => ({ outcome, generation: live.generation });
  expect(result(booted)).toEqual(result(apart));
  expect(told).toEqual(toldApart);
  expect(states()).toEqual(statesApart);
  expect(statesApart).toEqual({ prepare: 'up', store: 'up', web: 'up', other: 'down' });
  // Again it finds everything done, and the live directory's own lock free.
  const again = await boot(bootRequest(['web']), caller);
  expect(again.ok && isSuccess(again.value.outcome)).toBe(true);
  expect(hasOpen(process.pid, livePaths(root).lock)).toBe(false);
});

test('boot says which half of it met a problem, and is called off like each', async () => {
  expect(await boot(bootRequest(['web']), caller)).toMatchObject({
    problem: { during: 'init', problem: { kind: 'bad-database', refusal: 'missing' } },
  });
  compile({ ...longrun('slow', [], { 'notification-fd': '3\n' }), ...longrun('top', ['slow']) });
  const gone = { ...caller, signal: AbortSignal.abort() };
  expect(await boot(bootRequest(['top']), gone)).toEqual({
    ok: false,
    problem: { during: 'init', problem: { kind: 'cancelled' } },
  });
  expect(existsSync(root)).toBe(false);

  expect(await boot(bootRequest(['tpo']), caller)).toMatchObject({
    problem: { during: 'change', problem: { kind: 'unknown-names', unknown: ['tpo'] } },
  });
  expect(states()).toEqual({ slow: 'down', top: 'down' });
  abortAt = 'starting slow';
  const booted = await boot(bootRequest(['top']), caller);
  expect(booted.ok && booted.value.outcome.end).toBe('cancelled');
  expect(told).not.toContain('starting top');
});

test('a database that was read is not read again, and never stands for another one', async () => {
  await initialize(longrun('web'));
  const { live, database } = opened();
  rmSync(live.databasePath);
  expect(withDatabase(live)).toMatchObject({ ok: false });
  const known = withDatabase(live, { hash: live.generation, database });
  expect(known.ok && known.value.database.names).toEqual(['web']);
  if (known.ok) known.value.records.close();
  expect(withDatabase(live, { hash: `${live.generation}0`, database })).toMatchObject({ ok: false });
});

test('what is not there, and what nothing has, are answers', async () => {
  expect(status({ root, names: [] }, UNHEARD)).toMatchObject({ problem: { kind: 'unusable' } });
  expect(await change(changeRequest(['web']), caller)).toMatchObject({ problem: { kind: 'unusable' } });
  expect(await init(initRequest(), caller)).toMatchObject({ problem: { kind: 'bad-database', refusal: 'missing' } });
  await initialize(longrun('web'));
  expect(await change(changeRequest(['wbe']), caller)).toMatchObject({
    problem: { kind: 'unknown-names', unknown: ['wbe'] },
  });
  expect(status({ root, names: ['wbe'] }, UNHEARD)).toMatchObject({ problem: { kind: 'unknown-names' } });
  expect(told).toEqual([]);
});

test('a change that is called off in its middle finishes what it has begun, and begins nothing new', async () => {
  await initialize({
    ...prepare(),
    ...longrun('slow', ['prepare'], { 'notification-fd': '3\n' }),
    ...longrun('top', ['slow']),
  });
  abortAt = 'starting slow';
  const changed = await change(changeRequest(['top']), caller);
  if (!changed.ok) throw new Error(changed.problem.kind);
  const { database, outcome } = changed.value;
  expect(outcome.end).toBe('cancelled');
  expect(namesIn(database, outcome.failed)).toEqual(['slow']);
  expect(namesIn(database, [...outcome.skipped, ...outcome.left])).toEqual(['top']);
  expect(told).toContain('gives-up');
  expect(told).not.toContain('starting top');
  expect(seen()).toMatchObject({ prepare: { state: 'up' }, top: { pid: 0 } });
  // Nobody needs to know of it any more, and nobody has to wait for it.
  expect(readdirSync(livePaths(root).changes)).toEqual([]);
  const after = { ...caller, signal: new AbortController().signal };
  const down = await change(changeRequest(['prepare'], { way: 'down', noWait: true }), after);
  expect(down.ok && isSuccess(down.value.outcome)).toBe(true);
});

test('an update that is called off before its database is live is undone', async () => {
  // Nobody gets it down but by force.
  const stubborn = "#!/bin/sh\ntrap '' TERM\nexec sleep 1000000\n";
  await initialize({ ...longrun('web'), ...longrun('stubborn', [], { 'run*': stubborn }) });
  expect((await change(changeRequest(['web', 'stubborn']), caller)).ok).toBe(true);
  const before = seen();
  const { generation } = opened().live;
  compile({ ...longrun('web', [], { 'run*': `${DAEMON}# new\n` }) });
  abortAt = 'stopping stubborn';
  const updated = await update(updateRequest(), caller);
  expect(updated).toMatchObject({ ok: true, value: { kind: 'applied', result: { kind: 'undone' } } });
  expect(told).toContain('gives-up');
  expect(opened().live.generation).toBe(generation);
  expect(states()).toEqual({ stubborn: 'up', web: 'up' });
  expect(seen().stubborn).toEqual(before.stubborn);
  expect(existsSync(livePaths(root).journal)).toBe(false);
});

function opened() {
  const report = status({ root, names: [] }, UNHEARD);
  if (!report.ok) throw new Error(report.problem.kind);
  return report.value;
}

test('who calls it off before anything began finds everything as it was', async () => {
  compile(longrun('web'));
  const gone = { ...caller, signal: AbortSignal.abort() };
  const cancelled = { ok: false, problem: { kind: 'cancelled' } };
  expect(await init(initRequest(), gone)).toEqual(cancelled);
  expect(existsSync(root)).toBe(false);

  await initialize(longrun('web'));
  expect(await change(changeRequest(['web']), gone)).toEqual(cancelled);
  compile(longrun('other'));
  expect(await update(updateRequest(), gone)).toEqual(cancelled);
  const source = join(directory, 'source');
  for (const [path, text] of Object.entries({ 'web/type': 'longrun\n', 'web/run': DAEMON })) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text, { mode: 0o755 });
  }
  const flags = { trustsSources: true, stopEssentials: false, onlyPlans: false, noWait: false, deadline: NO_DEADLINE };
  expect(await reload({ root, sources: [source], compiled, ...flags }, gone)).toEqual(cancelled);
  const waited = await waitFor({ root, names: ['web'], way: 'up', limit: 0 }, gone);
  expect(waited).toMatchObject({ ok: true, value: { end: 'cancelled' } });
  expect(await shutdown({ root, timeout: undefined }, gone)).toEqual(cancelled);

  expect(told).toEqual(['compiled']);
  expect(states()).toEqual({ web: 'down' });
  expect(readdirSync(livePaths(root).changes)).toEqual([]);
});

test('what is damaged on the way is thrown, and nothing is held after that', async () => {
  await initialize(longrun('web'));
  const { journal, lock } = livePaths(root);
  writeFileSync(journal, 'no journal');
  await expect(change(changeRequest(['web']), caller)).rejects.toThrow('this is not the journal of an update');
  expect(hasOpen(process.pid, lock)).toBe(false);
});
