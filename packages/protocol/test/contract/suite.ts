/** Runs the same tests on every backend: each gets a rig, and starts the supervisor when its services are made. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { isListenedTo } from '@muster/posix/test/supervisor-of';
import { afterEach, beforeEach, describe } from 'vitest';
import { type Entry, Rig, s6 } from '../rig.ts';
import { type Backend, embedded, type Supervision, s6Backend, toolsMissing, usable } from './backends.ts';

export class Stage {
  #supervision: Supervision | undefined;

  constructor(
    readonly backend: Backend,
    readonly rig = new Rig(),
  ) {}

  get supervision(): Supervision {
    return this.#supervision!;
  }

  /** Starts the supervisor, and waits until it answers for `names`. */
  async up(...names: string[]): Promise<void> {
    this.#supervision = await this.backend.start(this.rig.scandir);
    for (const name of names) await this.answers(name);
  }

  /**
   * s6-svok asks for the lock alone, and s6-supervise takes it before it opens its control; the tree does so afterwards.
   * A control that is open tells nothing by itself: see `supervisorOf`. Both write their first status after that.
   */
  async answers(name: string): Promise<void> {
    const directory = this.rig.directory(name);
    await eventually(`a supervisor of ${name}`, () => s6('s6-svok', directory).status === 0);
    await eventually(`an open control of ${name}`, () => isListenedTo(join(directory, 'supervise/control')));
    await eventually(`a status of ${name}`, () => existsSync(join(directory, 'supervise/status')));
  }

  /**
   * As `rig.told`, of a process that lives, and its supervisor's status has it as well: that is where `s6-svc -wd` begins to
   * look, and a process may tell before its supervisor has written.
   */
  async told(what: string, name: string, count = 1): Promise<Entry> {
    const entry = await this.rig.told(what, name, count);
    await eventually(`a status of ${name} with ${entry.pid}`, () => this.stat(name, 'pid') === String(entry.pid));
    return entry;
  }

  /** `s6-svc` with `args` on `name`, which must succeed. */
  svc(name: string, ...args: string[]): void {
    const told = s6('s6-svc', ...args, this.rig.directory(name));
    if (told.status !== 0) throw new Error(`s6-svc ${args.join(' ')} ${name}: ${told.status} ${told.stderr}`);
  }

  /** Fields of s6-svstat. */
  stat(name: string, ...fields: string[]): string {
    const told = s6('s6-svstat', '-o', fields.join(','), this.rig.directory(name));
    return told.status === 0 ? told.stdout.trim() : told.stderr;
  }

  async becomes(name: string, fields: string, value: string): Promise<void> {
    try {
      await eventually('', () => this.stat(name, fields) === value);
    } catch {
      throw new Error(`${name}: ${fields} is ${this.stat(name, fields)}, not ${value}; ${this.supervision.messages()}`);
    }
  }

  /** Kills the supervisor, and starts another one on the same scandir; in between, `meanwhile`. */
  async again(meanwhile: () => void | Promise<void> = () => {}): Promise<void> {
    this.supervision.kill('SIGKILL');
    await this.supervision.ended;
    await meanwhile();
    this.#supervision = await this.backend.start(this.rig.scandir);
  }

  async down(): Promise<void> {
    if (this.#supervision !== undefined) {
      s6('s6-svscanctl', '-q', this.rig.scandir);
      await this.#supervision.ended;
    }
    this.rig.remove();
  }
}

export function onEveryBackend(define: (stage: () => Stage) => void): void {
  if (toolsMissing !== null) {
    console.log(`skipped: ${toolsMissing}`);
    describe.skip('contract', () => define(() => new Stage(embedded)));
    return;
  }
  describe.each(usable([embedded, s6Backend]))('$name', (backend) => {
    let stage: Stage;
    beforeEach(() => {
      stage = new Stage(backend);
    });
    afterEach(() => stage.down());
    define(() => stage);
  });
}
