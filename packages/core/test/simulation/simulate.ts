/**
 * One simulated history. First the storm: several changes at once, services that fail, hang and crash, processes, clients
 * and the supervision tree being killed. Then calm: what was asked for last must be reached, at once and for good.
 */
import { type Execution, execute } from '../../src/execute/executor.ts';
import { isSuccess, type Outcome } from '../../src/execute/outcome.ts';
import { closure, reachable } from '../../src/graph/closure.ts';
import { targetsOf } from '../../src/graph/edges.ts';
import { FLAG } from '../../src/model/database.ts';
import { planChange } from '../../src/plan/change.ts';
import { type Goal, select, withStanding } from '../../src/plan/goal.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { observedWorld } from '../../src/plan/world.ts';
import { goalOf } from '../goal-of.ts';
import { WELL_BEHAVED } from './behaviour.ts';
import { Client } from './client.ts';
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

export async function simulate(seed: number, size: number): Promise<History> {
  const simulation = new Simulation(seed, size);
  await simulation.storm();
  await simulation.calm();
  return simulation.history();
}

class Simulation {
  private readonly random: Random;
  private readonly scenario: Scenario;
  private readonly clock = new VirtualClock();
  private readonly machine: Machine;
  private readonly rules: Rules;
  private readonly running: Running[] = [];
  private readonly clients: Client[] = [];
  private toCome: number;
  private pid = 1;
  private events = 0;

  constructor(seed: number, size: number) {
    this.random = new Random(seed);
    this.scenario = scenarioOf(this.random, size);
    const { nodes, behaviours, latency, requests } = this.scenario;
    const hear = () => (latency === 0 ? 0 : this.random.below(latency));
    this.machine = new Machine(databaseOf(nodes), this.clock, [...behaviours], hear);
    this.rules = new Rules(this.machine);
    this.toCome = requests.length;
  }

  async storm(): Promise<void> {
    const { machine, clock, rules } = this;
    for (const fault of this.scenario.faults) {
      clock.after(fault.at, () => {
        if (fault.fault === 'death') {
          machine.die(machine.database.names.indexOf(fault.name), { code: 0, signal: 9 });
        } else {
          rules.excusesRepetition = true;
          machine.killTree();
          clock.after(fault.duration, () => machine.startTree());
        }
      });
    }
    for (const request of this.scenario.requests) {
      clock.after(request.at, () => {
        const client = this.client();
        client.fatalCall = request.killed ?? Number.POSITIVE_INFINITY;
        client.onDeath = () => {
          this.toCome--;
        };
        this.begin(request, client);
      });
    }
    await this.untilAllEnded();
    if (this.scenario.isPeaceful) this.checkAgreement();
    if (this.isAlone()) this.checkIsolation();
  }

  private begin(request: Request, client: Client): void {
    const { database } = this.machine;
    const world = observedWorld(client.ports);
    const { selection } = select(database, request.names);
    const whole = request.standing ? withStanding(database, world, selection) : selection;
    const goal = goalOf(request.goal, whole, request);
    this.rules.permit(client.pid, { forced: request.forced, restarts: request.goal === 'restart' });
    if (request.killed !== undefined || request.cancelled !== undefined || request.timeout !== undefined) {
      this.rules.excusesRepetition = true;
    }
    const plan = planChange(database, world, goal);
    this.clock.after(request.hesitates, () => {
      this.toCome--;
      client.onDeath = undefined;
      const { execution } = this.launch(client, plan, request);
      if (request.cancelled === undefined) return;
      this.clock.after(request.cancelled, () => {
        if (!client.isDead) execution.cancel();
      });
    });
  }

  private client(): Client {
    const client = new Client(this.machine, this.pid++, this.rules);
    this.clients.push(client);
    return client;
  }

  private launch(client: Client, plan: Plan, options: Partial<Request>): Running {
    const { database } = this.machine;
    const { jobs, timeout, noWait, forced } = options;
    const execution = execute(database, plan, client.ports, {
      ...(jobs === undefined ? {} : { jobs }),
      ...(timeout === undefined ? {} : { timeout }),
      noWait: noWait ?? false,
      forced: forced ?? false,
    });
    const running: Running = { client, execution, outcome: undefined };
    execution.done.then((outcome) => {
      running.outcome = outcome;
    });
    this.running.push(running);
    return running;
  }

  private async untilAllEnded(): Promise<void> {
    const most = MOST_EVENTS + 60 * this.scenario.nodes.length * this.scenario.requests.length;
    for (const start = this.events; this.isBusy(); ) {
      let isMoving = true;
      for (let burst = 0; burst < 8 && isMoving; burst++) {
        isMoving = stepAlive(this.clock);
        this.events++;
      }
      await null;
      if (!isMoving && this.isBusy()) throw new RuleBroken(`a change waits for nothing: ${this.unfinished()}`);
      if (this.events - start > most) throw new RuleBroken(`a change does not end: ${this.unfinished()}`);
    }
  }

  private isAlone(): boolean {
    const { requests, faults } = this.scenario;
    const { goal, killed, cancelled, timeout } = requests[0]!;
    const undisturbed = killed === undefined && cancelled === undefined && timeout === undefined;
    return requests.length === 1 && faults.length === 0 && goal === 'up' && undisturbed;
  }

  /** One change, and nobody else: what failed is brought down, and keeps nobody from starting but those that need it. */
  private checkIsolation(): void {
    const { machine } = this;
    const { database } = machine;
    const outcome = this.running[0]!.outcome!;
    const failed = new Set(outcome.failed.map(({ service }) => service));
    for (const { service, action } of outcome.failed) {
      const truth = machine.truth(service);
      const script = truth.kind === 'oneshot' && truth.running === null;
      const told = truth.kind === 'longrun' ? truth.supervisorWants === 'down' : script;
      if (action === 'up' && !told) throw new RuleBroken(`${database.names[service]} failed and was left running`);
    }
    for (const { service, because } of outcome.skipped) {
      // What crashes as often as it is started is not waited for any more.
      const crashes = outcome.up.filter((up) => up === because).length > 1;
      const excused = (failed.has(because) || crashes) && reachable(database.needs, [service])[because] === 1;
      if (!excused) throw new RuleBroken(`${database.names[service]} was skipped for no reason: ${brief(outcome)}`);
    }
  }

  /** Nothing went wrong: a service is up exactly if it and all that it needs are wanted. */
  private checkAgreement(): void {
    const { machine } = this;
    const { database } = machine;
    this.drain();
    const failed = this.running.find(({ outcome }) => outcome!.failed.length > 0 || outcome!.end !== 'finished');
    if (failed) throw new RuleBroken(`failed in peace: ${brief(failed.outcome!)}`);
    if (this.running.some(({ outcome }) => outcome!.refused.length > 0)) return;
    // A start and a restart of the same services undo each other's steps until one gives in, and says so.
    const restarts = this.scenario.requests.some(({ goal }) => goal === 'restart');
    if (restarts && this.running.some(({ outcome }) => outcome!.skipped.length > 0)) return;
    const isWanted = (service: number) => machine.records[service]!.wanted !== 'no';
    for (const [service, name] of database.names.entries()) {
      const should = closure(database.needs, [service]).every(isWanted);
      // A stop that spares essential services may still have overruled what one of them needs.
      if (should && (database.flags[service]! & FLAG.essential) !== 0) continue;
      const is = should ? machine.isUp(service) : machine.isDown(service);
      if (is) continue;
      const outcomes = this.running.map(({ outcome }) => brief(outcome!)).join('\n');
      throw new RuleBroken(`in peace, ${name} should be ${should ? 'up' : 'down'}:\n${outcomes}`);
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

  /** From now on everything behaves, and nobody interferes. */
  async calm(): Promise<void> {
    const { machine, rules } = this;
    machine.startTree();
    for (let service = 0; service < machine.behaviours.length; service++) machine.behaviours[service] = WELL_BEHAVED;
    this.drain();
    rules.excusesRepetition = true;
    for (let service = 0; service < machine.behaviours.length; service++) machine.endWhatHangs(service);
    this.drain();
    this.checkNothingHeld();
    await this.reachUp();
    await this.restartSome();
    await this.reachDown();
    this.checkNothingHeld();
  }

  private drain(): void {
    while (stepAlive(this.clock)) {
      if (++this.events > 1_000_000) throw new RuleBroken('the machine does not come to rest');
    }
  }

  private async reachUp(): Promise<void> {
    const { machine } = this;
    const { database } = machine;
    const names = this.random.some(database.names, 0.5);
    const { selection } = select(database, names);
    const goal: Goal = { goal: 'up', selection, prune: false, forced: false };
    const first = await this.change(goal);
    if (first.refused.some(({ why }) => why === 'conflict' || why === 'essential')) return;
    const target = reachable(database.needs, selection.named);
    for (const [service, name] of database.names.entries()) {
      if (target[service] === 0) continue;
      if (!machine.isUp(service)) throw new RuleBroken(`in calm, ${name} did not come up: ${brief(first)}`);
      if (machine.records[service]!.wanted === 'no') throw new RuleBroken(`${name} is up and not wanted`);
    }
    if (!isSuccess(first)) throw new RuleBroken(`all is up, and yet it failed: ${brief(first)}`);
    const moves = this.moves();
    const second = await this.change(goal);
    if (!isSuccess(second) || second.up.length + second.down.length > 0 || this.moves() !== moves) {
      throw new RuleBroken(`the second time was not nothing: ${brief(second)}`);
    }
  }

  /** Exactly what was up is up again, and what restarted did so once. */
  private async restartSome(): Promise<void> {
    const { machine } = this;
    const { database } = machine;
    const before = database.names.map((_, service) => machine.isUp(service));
    const starts = [...machine.starts];
    const { selection } = select(database, this.random.some(database.names, 0.2));
    const wasWhole = before.every((up, service) => !up || this.needsAreUp(service));
    const outcome = await this.change({ goal: 'restart', selection, forced: true }, true);
    if (!wasWhole || outcome.refused.some(({ why }) => why === 'conflict')) return;
    for (const [service, name] of database.names.entries()) {
      const wanted = machine.records[service]!.wanted !== 'no';
      // Something that had failed and was selected too may have taken its rival's place.
      const gaveWay = outcome.down.includes(service) && this.gaveWay(service);
      if (before[service] && !machine.isUp(service) && !gaveWay)
        throw new RuleBroken(`${name} did not return: ${brief(outcome)}`);
      if (!before[service] && machine.isUp(service) && !wanted) throw new RuleBroken(`${name} came up in a restart`);
      if (machine.starts[service]! > starts[service]! + 1) throw new RuleBroken(`${name} restarted more than once`);
      const named = before[service] && selection.named.includes(service);
      if (named && machine.starts[service] === starts[service]) throw new RuleBroken(`${name} did not restart`);
    }
  }

  private gaveWay(service: number): boolean {
    const { database } = this.machine;
    return [service, ...closure(database.needs, [service])].some((one) =>
      targetsOf(database.conflicts, one).some((rival) => this.machine.isUp(rival)),
    );
  }

  private needsAreUp(service: number): boolean {
    const { machine } = this;
    return targetsOf(machine.database.needs, service).every((need) => machine.isUp(need));
  }

  private async reachDown(): Promise<void> {
    const { machine } = this;
    const { selection } = select(machine.database, machine.database.names);
    const outcome = await this.change({ goal: 'down', selection, prune: false, forced: true, release: false }, true);
    for (const [service, name] of machine.database.names.entries()) {
      if (!machine.isDown(service)) throw new RuleBroken(`in calm, ${name} did not go down: ${brief(outcome)}`);
    }
    if (!isSuccess(outcome)) throw new RuleBroken(`all is down, and yet it failed: ${brief(outcome)}`);
  }

  private async change(goal: Goal, forced = false): Promise<Outcome> {
    const client = this.client();
    this.rules.permit(client.pid, { forced, restarts: goal.goal === 'restart' });
    const plan = planChange(this.machine.database, observedWorld(client.ports), goal);
    const running = this.launch(client, plan, { forced });
    await this.untilAllEnded();
    this.drain();
    return running.outcome!;
  }

  private moves(): number {
    const { starts, stops } = this.machine;
    return [...starts, ...stops].reduce((sum, count) => sum + count, 0);
  }

  private checkNothingHeld(): void {
    const { machine } = this;
    if (machine.heldLocks() > 0) throw new RuleBroken(`${machine.heldLocks()} locks are still held`);
    if (machine.openEnds() > 0) throw new RuleBroken(`${machine.openEnds()} watches are still open`);
  }

  history(): History {
    let trace = this.clock.now();
    for (const { events } of this.clients) for (const { event, service } of events) trace = mix(trace, event, service);
    const steps = this.clients.reduce((sum, { events }) => sum + events.length, 0);
    return { events: this.events, steps, trace };
  }
}

function brief(outcome: Outcome): string {
  return JSON.stringify(outcome, (_, value) => (Array.isArray(value) && value.length === 0 ? undefined : value));
}

function mix(trace: number, event: string, service: number): number {
  let mixed = trace;
  for (let at = 0; at < event.length; at++) mixed = (Math.imul(mixed, 31) + event.charCodeAt(at)) | 0;
  return (Math.imul(mixed, 31) + service) | 0;
}
