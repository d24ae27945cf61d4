/** One simulated machine, the clients that change it, and the time that passes for all of them. */
import { type Execution, execute } from '../../src/execute/executor.ts';
import type { Outcome } from '../../src/execute/outcome.ts';
import { planChange } from '../../src/plan/change.ts';
import type { Goal } from '../../src/plan/goal.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { observedWorld } from '../../src/plan/world.ts';
import { Client, Killed } from './client.ts';
import { databaseOf } from './graph.ts';
import { Machine } from './machine.ts';
import { Random } from './random.ts';
import { RuleBroken, Rules } from './rules.ts';
import { stepAlive } from './run.ts';
import { type Request, type Scenario, scenarioOf } from './scenario.ts';
import { VirtualClock } from './virtual-clock.ts';

/** More than any history that ends has needed, by far. */
const MOST_EVENTS = 3000;

export interface History {
  readonly events: number;
  readonly steps: number;
  /** The same for the same seed. */
  readonly trace: number;
}

interface Running {
  readonly client: Client;
  readonly execution: Execution;
  outcome: Outcome | undefined;
}

export class Simulation {
  readonly random: Random;
  readonly scenario: Scenario;
  readonly clock = new VirtualClock();
  readonly machine: Machine;
  readonly rules: Rules;
  readonly running: Running[] = [];
  /** Requests that have not become a change yet. */
  toCome: number;
  private readonly clients: Client[] = [];
  private pid = 1;
  private events = 0;
  /** What ended a change that nobody killed. */
  private broken: { readonly error: unknown } | undefined;

  constructor(seed: number, size: number) {
    this.random = new Random(seed);
    this.scenario = scenarioOf(this.random, size);
    const { nodes, behaviours, latency, requests } = this.scenario;
    const hear = () => (latency === 0 ? 0 : this.random.below(latency));
    this.machine = new Machine(databaseOf(nodes), this.clock, [...behaviours], hear);
    this.rules = new Rules(this.machine);
    this.toCome = requests.length;
  }

  /** A new process. */
  client(): Client {
    const client = new Client(this.machine, this.pid++, this.rules);
    this.clients.push(client);
    return client;
  }

  launch(client: Client, plan: Plan, options: Partial<Request>): Running {
    const { database } = this.machine;
    const { jobs, timeout, noWait, forced } = options;
    const execution = execute(database, plan, client.ports, {
      ...(jobs === undefined ? {} : { jobs }),
      ...(timeout === undefined ? {} : { timeout }),
      noWait: noWait ?? false,
      forced: forced ?? false,
    });
    const running: Running = { client, execution, outcome: undefined };
    execution.done.then(
      (outcome) => {
        running.outcome = outcome;
      },
      (error) => {
        if (!(error instanceof Killed)) this.broken ??= { error };
      },
    );
    this.running.push(running);
    return running;
  }

  async untilAllEnded(): Promise<void> {
    const most = MOST_EVENTS + 60 * this.scenario.nodes.length * this.scenario.requests.length;
    for (const start = this.events; this.isBusy(); ) {
      let isMoving = true;
      for (let burst = 0; burst < 8 && isMoving; burst++) {
        isMoving = stepAlive(this.clock);
        this.events++;
      }
      await null;
      if (this.broken !== undefined) throw this.broken.error;
      if (!isMoving && this.isBusy()) throw new RuleBroken(`a change waits for nothing: ${this.unfinished()}`);
      if (this.events - start > most) throw new RuleBroken(`a change does not end: ${this.unfinished()}`);
    }
  }

  private isBusy(): boolean {
    return this.toCome > 0 || this.running.some(({ client, outcome }) => !client.isDead && outcome === undefined);
  }

  private unfinished(): string {
    return this.running
      .filter(({ client, outcome }) => !client.isDead && outcome === undefined)
      .map(({ client }) => JSON.stringify(client.events.slice(-5)))
      .join('; ');
  }

  /** Lets everything happen that will. */
  drain(): void {
    while (stepAlive(this.clock)) {
      if (++this.events > 1_000_000) throw new RuleBroken('the machine does not come to rest');
    }
  }

  /** A whole change that nobody disturbs, from the plan to the outcome. */
  async change(goal: Goal): Promise<Outcome> {
    const client = this.client();
    const forced = 'forced' in goal && goal.forced;
    this.rules.permit(client.pid, { forced, restarts: goal.goal === 'restart' });
    const plan = planChange(this.machine.database, observedWorld(client.ports), goal);
    const running = this.launch(client, plan, { forced });
    await this.untilAllEnded();
    this.drain();
    return running.outcome!;
  }

  history(): History {
    let trace = this.clock.now();
    for (const { events } of this.clients) for (const { event, service } of events) trace = mix(trace, event, service);
    const steps = this.clients.reduce((sum, { events }) => sum + events.length, 0);
    return { events: this.events, steps, trace };
  }
}

export function brief(outcome: Outcome): string {
  return JSON.stringify(outcome, (_, value) => (Array.isArray(value) && value.length === 0 ? undefined : value));
}

function mix(trace: number, event: string, service: number): number {
  let mixed = trace;
  for (let at = 0; at < event.length; at++) mixed = (Math.imul(mixed, 31) + event.charCodeAt(at)) | 0;
  return (Math.imul(mixed, 31) + service) | 0;
}
