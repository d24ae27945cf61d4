/**
 * Several changes at once, services that fail, hang and crash, processes, clients and the supervision tree being killed.
 * Where nothing of that happens, what comes out must be what was asked for.
 */
import { closure, reachable } from '../../src/graph/closure.ts';
import { hasFlag, type ServiceId, serviceNamed, servicesByName } from '../../src/model/database.ts';
import { planChange } from '../../src/plan/change.ts';
import { select, withStanding } from '../../src/plan/goal.ts';
import { observedWorld } from '../../src/plan/world.ts';
import { goalOf } from '../goal-of.ts';
import type { Client } from './client.ts';
import { RuleBroken } from './rules.ts';
import type { Request, Scenario } from './scenario.ts';
import { brief, type Simulation } from './simulation.ts';

export async function storm(simulation: Simulation): Promise<void> {
  const { machine, clock, rules } = simulation;
  for (const fault of simulation.scenario.faults) {
    clock.after(fault.at, () => {
      if (fault.fault === 'death') {
        machine.die(serviceNamed(machine.database, fault.name)!, { code: 0, signal: 9 });
      } else {
        rules.excusesRepetition = true;
        machine.killTree();
        clock.after(fault.duration, () => machine.startTree());
      }
    });
  }
  for (const request of simulation.scenario.requests) {
    clock.after(request.at, () => {
      const client = simulation.client();
      client.fatalCall = request.killed ?? Number.POSITIVE_INFINITY;
      client.onDeath = () => {
        simulation.toCome--;
      };
      begin(simulation, request, client);
    });
  }
  await simulation.untilAllEnded();
  if (simulation.scenario.isPeaceful) checkAgreement(simulation);
  if (isAlone(simulation.scenario)) checkIsolation(simulation);
}

function begin(simulation: Simulation, request: Request, client: Client): void {
  const { database } = simulation.machine;
  const world = observedWorld(client.ports);
  const { selection } = select(database, request.names);
  const whole = request.standing ? withStanding(database, world, selection) : selection;
  const goal = goalOf(request.goal, whole, request);
  simulation.rules.permit(client.pid, { forced: request.forced, restarts: request.goal === 'restart' });
  if (request.killed !== undefined || request.cancelled !== undefined || request.timeout !== undefined) {
    simulation.rules.excusesRepetition = true;
  }
  const plan = planChange(database, world, goal);
  simulation.clock.after(request.hesitates, () => {
    simulation.toCome--;
    client.onDeath = undefined;
    const { execution } = simulation.launch(client, plan, request);
    if (request.cancelled === undefined) return;
    simulation.clock.after(request.cancelled, () => {
      if (!client.isDead) execution.cancel();
    });
  });
}

/** One change that nothing disturbs. */
function isAlone({ requests, faults }: Scenario): boolean {
  const { goal, killed, cancelled, timeout } = requests[0]!;
  const undisturbed = killed === undefined && cancelled === undefined && timeout === undefined;
  return requests.length === 1 && faults.length === 0 && goal === 'up' && undisturbed;
}

/** One change, and nobody else: what failed is brought down, and keeps nobody from starting but those that need it. */
function checkIsolation(simulation: Simulation): void {
  const { machine } = simulation;
  const { database } = machine;
  const outcome = simulation.running[0]!.outcome!;
  const failed = new Set(outcome.failed.map(({ service }) => service));
  for (const { service, action } of outcome.failed) {
    const truth = machine.truth(service);
    const script = truth.kind === 'oneshot' && truth.running === null;
    const told = truth.kind === 'longrun' ? truth.supervisorWants === 'down' : script;
    // What had come up, and died again before it could be counted on, is its supervisor's to start.
    const hadComeUp = outcome.up.includes(service);
    if (action === 'up' && !told && !hadComeUp)
      throw new RuleBroken(`${database.names[service]} failed and was left running`);
  }
  for (const { service, because } of outcome.skipped) {
    // What crashes as often as it is started is not waited for any more.
    const crashes = outcome.up.filter((up) => up === because).length > 1;
    const excused = (failed.has(because) || crashes) && reachable(database.needs, [service])[because] === 1;
    if (!excused) throw new RuleBroken(`${database.names[service]} was skipped for no reason: ${brief(outcome)}`);
  }
}

/** Nothing went wrong: a service is up exactly if it and all that it needs are wanted. */
function checkAgreement(simulation: Simulation): void {
  const { machine } = simulation;
  const { database } = machine;
  simulation.drain();
  const failed = simulation.running.find(({ outcome }) => outcome!.failed.length > 0 || outcome!.end !== 'finished');
  if (failed) throw new RuleBroken(`failed in peace: ${brief(failed.outcome!)}`);
  if (simulation.running.some(({ outcome }) => outcome!.refused.length > 0)) return;
  // A start and a restart of the same services undo each other's steps until one gives in, and says so.
  const restarts = simulation.scenario.requests.some(({ goal }) => goal === 'restart');
  if (restarts && simulation.running.some(({ outcome }) => outcome!.skipped.length > 0)) return;
  const isWanted = (service: ServiceId) => machine.records[service]!.wanted !== 'no';
  for (const [name, service] of servicesByName(database)) {
    const should = closure(database.needs, [service]).every(isWanted);
    // A stop that spares essential services may still have overruled what one of them needs.
    if (should && hasFlag(database, service, 'essential')) continue;
    const is = should ? machine.isUp(service) : machine.isDown(service);
    if (is) continue;
    const outcomes = simulation.running.map(({ outcome }) => brief(outcome!)).join('\n');
    throw new RuleBroken(`in peace, ${name} should be ${should ? 'up' : 'down'}:\n${outcomes}`);
  }
}
