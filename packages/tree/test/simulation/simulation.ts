/** One simulated machine with the tree in it, the changes that the engine makes, and the time that passes for all of them. */
import { type Execution, execute } from '@muster/core/execute/executor';
import type { Outcome } from '@muster/core/execute/outcome';
import { planChange } from '@muster/core/plan/change';
import { type Goal, select } from '@muster/core/plan/goal';
import { observedWorld } from '@muster/core/plan/world';
import { goalOf } from '@muster/core/test/goal-of';
import { Killed } from '@muster/core/test/simulation/client';
import { databaseOf } from '@muster/core/test/simulation/graph';
import { Random } from '@muster/core/test/simulation/random';
import { RuleBroken } from '@muster/core/test/simulation/rules';
import { stepAlive } from '@muster/core/test/simulation/run';
import { VirtualClock } from '@muster/core/test/simulation/virtual-clock';
import { Client } from './client.ts';
import type { Daemon } from './daemon.ts';
import { Kernel } from './kernel.ts';
import { Machine } from './machine.ts';
import { daemonsOf, type Request, type Scenario } from './scenario.ts';
import { definitionOf, filesOf } from './settings.ts';
import { SCANDIR } from './tree-life.ts';
import { Vigil } from './vigil.ts';

/** More than any history that ends has needed, by far. */
const MOST_EVENTS = 60_000;
/** Milliseconds between looks at everything. */
const LOOK = 250;

interface Running {
  readonly client: Client;
  readonly execution: Execution;
  outcome: Outcome | undefined;
}

export class Simulation {
  readonly random: Random;
  readonly clock = new VirtualClock();
  readonly daemons: Map<string, Daemon>;
  readonly kernel: Kernel;
  readonly vigil: Vigil;
  readonly machine: Machine;
  readonly running: Running[] = [];
  /** Requests that have not become a change yet. */
  toCome = 0;
  events = 0;
  #lastPid = 0;
  #broken: { readonly error: unknown } | undefined;

  constructor(readonly scenario: Scenario) {
    const { seed, nodes, settings, options } = scenario;
    this.random = new Random(seed + 1);
    this.daemons = daemonsOf(scenario);
    this.vigil = new Vigil(settings, this.clock);
    this.kernel = new Kernel(this.clock, this.daemons, this.vigil, this.random);
    for (const [name, of] of settings) this.kernel.disk.directories.set(`${SCANDIR}/${name}`, filesOf(of));
    const database = { ...databaseOf(nodes), definition: (id: number) => definitionOf(settings.get(nodes[id]!.name)!) };
    this.machine = new Machine(database, this.clock, this.kernel, this.vigil, this.random, options);
    this.machine.beginLife();
    this.#watch();
  }

  /** When the tree is there to be asked. */
  begin(request: Request): void {
    if (!this.machine.treeIsAlive) {
      this.clock.after(5, () => this.begin(request));
      return;
    }
    const { killed, goal, names, timeout, cancelled } = request;
    const client = new Client(this.machine, ++this.#lastPid, { restarts: goal === 'restart' });
    client.fatalCall = killed ?? Number.POSITIVE_INFINITY;
    this.toCome--;
    const { selection } = select(this.machine.database, names);
    const { execution } = this.launch(client, goalOf(goal, selection), timeout);
    if (cancelled === undefined) return;
    this.clock.after(cancelled, () => {
      if (!client.isDead) execution.cancel();
    });
  }

  launch(client: Client, goal: Goal, timeout?: number): Running {
    const { database } = this.machine;
    const plan = planChange(database, observedWorld(client.ports), goal);
    const execution = execute(database, plan, client.ports, timeout === undefined ? {} : { timeout });
    const running: Running = { client, execution, outcome: undefined };
    execution.done.then(
      (outcome) => {
        running.outcome = outcome;
      },
      (error) => {
        if (!(error instanceof Killed)) this.#broken ??= { error };
      },
    );
    this.running.push(running);
    return running;
  }

  /** A whole change that nobody disturbs, from the plan to the outcome. */
  async change(goal: Goal): Promise<Outcome> {
    const client = new Client(this.machine, ++this.#lastPid, { restarts: goal.goal === 'restart' });
    const running = this.launch(client, goal);
    await this.untilAllEnded();
    return running.outcome!;
  }

  async untilAllEnded(): Promise<void> {
    await this.#until(() => !this.#isBusy());
  }

  async pass(milliseconds: number): Promise<void> {
    let isOver = false;
    this.clock.after(milliseconds, () => {
      isOver = true;
    });
    await this.#until(() => isOver);
  }

  async #until(isOver: () => boolean): Promise<void> {
    for (const start = this.events; !isOver(); ) {
      for (let burst = 0; burst < 8 && !isOver(); burst++) {
        stepAlive(this.clock);
        this.events++;
      }
      await null;
      if (this.vigil.broken !== undefined) throw this.vigil.broken;
      const broken = this.#broken ?? this.machine.broken;
      if (broken !== undefined) throw broken.error;
      if (this.events - start > MOST_EVENTS) throw new RuleBroken(`there is no end: ${this.#unfinished()}`);
    }
  }

  #isBusy(): boolean {
    return this.toCome > 0 || this.running.some(({ client, outcome }) => !client.isDead && outcome === undefined);
  }

  #unfinished(): string {
    return this.running
      .filter(({ client, outcome }) => !client.isDead && outcome === undefined)
      .map(({ client }) => JSON.stringify(client.events.slice(-5)))
      .join('; ');
  }

  /** For as long as there is a tree, and it can do something. */
  #watch(): void {
    const { machine, kernel } = this;
    if (machine.treeIsAlive && !machine.life!.machine.isSleeping && !kernel.isLacking) {
      for (const service of this.vigil.services.values())
        this.vigil.check(service, machine.status(service.name), machine.aliveSince);
    } else machine.aliveSince = this.clock.monotonic();
    this.clock.after(LOOK, () => this.#watch());
  }
}

export function brief(outcome: Outcome): string {
  return JSON.stringify(outcome, (_, value) => (Array.isArray(value) && value.length === 0 ? undefined : value));
}
