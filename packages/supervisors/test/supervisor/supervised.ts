/** A live directory under a real tree, made and joined as rc-init does it, and looked at through the product's drivers. */

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joined } from 'node:path';
import { everyService } from '@muster/core/model/database';
import { compileFiles } from '@muster/core/test/compile/sources';
import { originalEnvironment } from '@muster/posix/environment';
import { makeFifo } from '@muster/posix/fifo';
import { eventually, PATIENCE } from '@muster/posix/test/eventually';
import { hasEnded, processesWith } from '@muster/posix/test/processes';
import { musterCommand } from '@muster/protocol/test/contract/backends';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import type { Backend } from '@muster/store/live/backend';
import { createLive } from '@muster/store/live/create';
import { type Live, openLive } from '@muster/store/live/open';
import { livePaths } from '@muster/store/live/paths';
import { StateFile } from '@muster/store/live/state';
import { consumersOf, renderService } from '@muster/supervisors/arrange/services';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import { supervisorFor, supervisorNamed } from '@muster/supervisors/supervisor-table';
import { untilRead } from '@muster/supervisors/until-read';
import type { Cast, Kind, Role, Stage } from './subjects.ts';
import { Watching } from './watching.ts';

/** Set to its directory in everything that runs on a stage. */
const MARK = 'MUSTER_TEST_STAGE';

export async function openSupervised(kind: Exclude<Kind, 'simulated'>, cast: Cast): Promise<Stage> {
  const directory = mkdtempSync(joined(tmpdir(), 'muster-supervisor-'));
  const roles = cast(directory);
  const { database } = compileFiles(filesOf(roles), definitionEncoding);
  if (database === undefined) throw new Error('the cast does not compile');
  for (const name of database.names) makeFifo(joined(directory, `gate-${name}`), 0o600);

  const root = joined(directory, 'live');
  const supervisor = supervisorNamed(kind)!;
  const scandir = supervisor.ownsScandir ? livePaths(root).scan : joined(directory, 'scan');
  const muster = writeCommand(directory);
  const live = makeLive(root, { kind, scandir, prefix: '' }, database, { muster, mark: directory });
  if (!supervisor.ownsScandir) mkdirSync(scandir);
  const startTree = (program: string) =>
    spawn(program, [scandir], { env: { ...process.env, [MARK]: directory }, stdio: 'ignore' }).unref();
  if (kind === 's6') {
    startTree('s6-svscan');
    await eventually('s6-svscan listens', () => supervisor.isWatching(scandir));
  }
  supervisor.attach(live, database, muster);
  // Started earlier, it would look for services every five seconds only.
  if (kind === 'runit') startTree('runsvdir');
  const silent = await untilRead(supervisor.controls(live, database), PATIENCE);
  if (silent.length > 0) throw new Error(`nobody answers at ${silent.join(', ')}`);

  const records = new StateFile(live.statePath, database.names.length);
  const client = () => openSupervisor({ live, database, records });
  const first = client();
  const watching = new Watching(first, database.names);
  const gates = new Map<string, number>();
  return {
    kind,
    directory,
    supervisor: watching.supervisor,
    id: (name) => watching.id(name),
    others: async (name) => {
      const [looking, staying] = [client(), client()];
      await staying.connect();
      const seen = [looking, staying].map((other) => other.observe(watching.id(name)));
      for (const other of [looking, staying]) other.close();
      return seen;
    },
    until: (what, condition) => watching.until(what, condition),
    longrun: (name) => watching.longrun(name),
    oneshot: (name) => watching.oneshot(name),
    strike: (name, signal) => process.kill(watching.longrun(name).pid, signal),
    give: (name, line) => {
      const gate = gates.get(name) ?? openSync(joined(directory, `gate-${name}`), 'r+');
      gates.set(name, gate);
      writeSync(gate, `${line}\n`);
    },
    lose: () => killAll(directory, (command) => SUPERVISOR.test(command)),
    close: async () => {
      watching.close();
      first.close();
      records.close();
      for (const gate of gates.values()) closeSync(gate);
      await killAll(directory, () => true);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function filesOf(roles: Readonly<Record<string, Role>>): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [name, role] of Object.entries(roles)) {
    for (const [path, text] of Object.entries(role.files)) files[`${name}/${path}`] = text;
  }
  return files;
}

/** As the installed command, from its sources. */
function writeCommand(directory: string): string {
  const path = joined(directory, 'muster');
  const [program, words] = musterCommand();
  writeFileSync(path, `#!/bin/sh\nexec '${program}' ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

type Compiled = NonNullable<ReturnType<typeof compileFiles>['database']>;

function makeLive(
  root: string,
  backend: Backend,
  database: Compiled,
  { muster, mark }: { readonly muster: string; readonly mark: string },
): Live {
  const { bytes, hash } = encode(database);
  const supervisor = supervisorFor({ backend, paths: livePaths(root) });
  const target = { supervisor, live: root, muster };
  const services = everyService(database).map((service) => renderService(database, service, target));
  const environment = Buffer.concat([originalEnvironment(), Buffer.from(`${MARK}=${mark}\0`)]);
  createLive(root, {
    hash,
    database: bytes,
    mode: 0o644,
    backend,
    ownsScandir: supervisor.ownsScandir,
    environment,
    services,
    consumers: consumersOf(database),
  });
  const live = openLive(root);
  if (!live.ok) throw new Error(live.problem.message);
  return live.value;
}

const TREE = /svscan|runsvdir/;
const SUPERVISOR = /svscan|runsvdir|s6-supervise|runsv |muster oneshots|main\.ts oneshots/;

/** Trees first, lest they start others again. */
async function killAll(mark: string, isMeant: (command: string) => boolean): Promise<void> {
  const meant = () => processesWith(MARK, mark).filter(({ command }) => isMeant(command));
  for (let left = meant(); left.length > 0; left = meant()) {
    for (const { pid } of left.sort((a, b) => Number(TREE.test(b.command)) - Number(TREE.test(a.command)))) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself since it was found.
      }
    }
    await eventually('the death of all that were killed', () => left.every(({ pid }) => hasEnded(pid)));
  }
}
