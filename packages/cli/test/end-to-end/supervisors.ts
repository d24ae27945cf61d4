/** Machines whose services run under each supervisor that Muster drives. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { hasEnded } from '@muster/posix/test/processes';
import { supervisorNamed } from '@muster/supervisors/supervisor-table';
import { killIfThere, Machine } from './machine.ts';

export type Kind = 'embedded' | 's6' | 'runit';

const PROGRAMS = { embedded: null, s6: 's6-svscan', runit: 'runsvdir' } as const;

/** Those that are installed; the others are named. */
export function kindsHere(): Kind[] {
  return (['embedded', 's6', 'runit'] as const).filter((kind) => {
    const program = PROGRAMS[kind];
    const isHere = program === null || spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
    if (!isHere) console.log(`skipped on ${kind}: there is no ${program} here`);
    return isHere;
  });
}

/** Services by name; each is its files. */
export type Source = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Adds to a source, and replaces what is there. */
export function writeSource(directory: string, source: Source): void {
  for (const [name, files] of Object.entries(source)) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name, path)), { recursive: true });
      writeFileSync(join(directory, name, path), text);
    }
  }
}

export class SupervisedMachine {
  readonly machine: Machine;
  readonly scandir: string;

  constructor(
    readonly kind: Kind,
    source: (directory: string) => Source,
  ) {
    const empty = mkdtempSync(join(tmpdir(), 'muster-empty-'));
    this.machine = new Machine(empty, () => ({}));
    rmSync(empty, { recursive: true });
    writeSource(this.machine.source, source(this.machine.directory));
    this.scandir = join(this.machine.directory, 'scan');
    mkdirSync(this.scandir);
  }

  /** Starts s6-svscan or runsvdir; the embedded tree is started by the commands. */
  startTree(): void {
    const program = PROGRAMS[this.kind];
    if (program === null) return;
    const child = spawn(program, [this.scandir], { env: this.machine.environment, stdio: 'ignore', detached: true });
    child.unref();
  }

  /** Compiles, and makes the live directory. */
  async boot(): Promise<void> {
    this.machine.must('rc-compile', this.machine.source, this.machine.compiled);
    this.startTree();
    await this.init();
  }

  /** Once the scandir is watched. */
  async init(): Promise<void> {
    const { kind, scandir } = this;
    await eventually(`who watches ${scandir}`, () => supervisorNamed(kind)!.isWatching(scandir));
    const options = kind === 'embedded' ? ['--no-keeper'] : ['-b', kind, '--scandir', scandir];
    this.machine.must('rc-init', ...options);
  }

  /** Every supervisor, its tree, the runner of oneshots and every daemon. */
  async killEverything(): Promise<void> {
    const { machine } = this;
    for (let left = machine.processes(); left.length > 0; left = machine.processes()) {
      // First those that would start others again.
      const isTree = (command: string) => /s6-svscan|runsvdir|svscan/.test(command);
      for (const { pid } of left.sort((a, b) => Number(isTree(b.command)) - Number(isTree(a.command)))) {
        killIfThere(pid);
      }
      await eventually('the death of all that were killed', () => left.every(({ pid }) => hasEnded(pid)));
    }
  }

  read(path: string): string {
    try {
      return readFileSync(join(this.machine.directory, path), 'utf8');
    } catch {
      return '';
    }
  }

  dispose(): void {
    this.machine.dispose();
  }
}
