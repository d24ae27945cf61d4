/** A live directory with rendered services under a real s6-svscan or runsvdir. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, everyService } from '@muster/core/model/database';
import { openFifoForWriting, writeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { writeEntry } from '@muster/store/live/write-entries';
import { consumersOf } from '@muster/supervisors/arrange/services';
import { supervisorNamed } from '@muster/supervisors/supervisor-table';

export const SUPERVISORS = ['s6', 'runit'] as const;
type Supervisor = (typeof SUPERVISORS)[number];

export interface Supervised {
  readonly live: string;
  /** Control letters, as both supervisors understand them. */
  tell(name: string, letters: string): void;
  /** Standard error of everything. */
  errors(): string;
  /** A file of a service, or undefined. */
  read(name: string, path: string): string | undefined;
  isUp(name: string): boolean;
  isReady(name: string): boolean;
  pid(name: string): number;
  end(): Promise<void>;
}

export async function supervise(database: Database, backend: Supervisor): Promise<Supervised> {
  const live = mkdtempSync(join(tmpdir(), 'muster-rendered-'));
  const { render } = supervisorNamed(backend)!;
  const scandir = join(live, 'scan');
  for (const directory of ['scan', 'pipes', 'services']) mkdirSync(join(live, directory));
  for (const consumer of consumersOf(database)) execFileSync('mkfifo', [join(live, 'pipes', consumer)]);
  for (const id of everyService(database)) {
    const name = database.names[id]!;
    const home = join(live, 'services', name);
    mkdirSync(home);
    for (const entry of render(database, id, { live, muster: '/bin/false' })) writeEntry(home, entry);
    symlinkSync(home, join(scandir, name));
  }
  const log = join(live, 'errors');
  const [program, ...words] = backend === 's6' ? ['s6-svscan', scandir] : ['runsvdir', scandir];
  const tree = spawn('sh', ['-c', `exec "$@" 2>"${log}"`, 'sh', program!, ...words], { stdio: 'ignore' });
  const home = (name: string) => join(live, 'services', name);
  for (const name of database.names) {
    await eventually(`a supervisor of ${name}`, () => isSupervised(home(name)));
    await eventually(`a status of ${name}`, () => existsSync(join(home(name), 'supervise/status')));
  }
  const status = (name: string) => readFileSync(join(home(name), 'supervise/status'));
  return {
    live,
    tell: (name, letters) => {
      const control = join(home(name), 'supervise/control');
      if (writeFifo(control, Buffer.from(letters)) !== 'written') throw new Error(`nobody reads ${control}`);
    },
    errors: () => readFileSync(log, 'utf8'),
    // A shell makes a file before it writes it.
    read: (name, path) =>
      existsSync(join(home(name), path)) ? readFileSync(join(home(name), path), 'utf8') || undefined : undefined,
    isUp: (name) =>
      backend === 's6'
        ? svstat(home(name), 'up') === 'true'
        : status(name)[19] === 1 && status(name).readUInt32LE(12) > 0,
    isReady: (name) =>
      backend === 's6'
        ? svstat(home(name), 'up,ready') === 'true true'
        : succeeds('sh', '-c', `cd "${home(name)}" && ./check`),
    pid: (name) => (backend === 's6' ? Number(svstat(home(name), 'pid')) : status(name).readUInt32LE(12)),
    end: async () => {
      await endOf(tree, scandir, backend);
      // runsvdir does not wait for its runsv, which write into their directories until they end.
      for (const name of database.names) await eventually(`the end of ${name}`, () => !isSupervised(home(name)));
      rmSync(live, { recursive: true });
    },
  };
}

function svstat(home: string, fields: string): string {
  return execFileSync('s6-svstat', ['-o', fields, home], { encoding: 'utf8' }).trim();
}

function succeeds(program: string, ...words: string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function endOf(tree: ChildProcess, scandir: string, backend: Supervisor): Promise<void> {
  const ended = new Promise((resolve) => tree.once('exit', resolve));
  if (backend === 's6') execFileSync('s6-svscanctl', ['-t', scandir]);
  else tree.kill('SIGHUP');
  await ended;
}

function isSupervised(home: string): boolean {
  const control = openFifoForWriting(join(home, 'supervise/control'));
  if (control !== null) closeSync(control);
  return control !== null;
}
