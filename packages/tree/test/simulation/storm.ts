/** Changes at the same time, and what goes wrong meanwhile. Where nothing does, what comes out must be what was asked for. */
import { constants as os } from 'node:os';
import { closure } from '@muster/core/graph/closure';
import { servicesByName } from '@muster/core/model/database';
import { RuleBroken } from '@muster/core/test/simulation/rules';
import type { Fault } from './scenario.ts';
import { brief, type Simulation } from './simulation.ts';
import { SCANDIR } from './tree-life.ts';

export async function storm(simulation: Simulation): Promise<void> {
  const { clock, scenario } = simulation;
  for (const fault of scenario.faults) clock.after(fault.at, () => happen(simulation, fault));
  simulation.toCome = scenario.requests.length;
  for (const request of scenario.requests) clock.after(request.at, () => simulation.begin(request));
  await simulation.untilAllEnded();
  if (scenario.isPeaceful) await checkAgreement(simulation);
}

function happen(simulation: Simulation, fault: Fault): void {
  const { machine, kernel, clock } = simulation;
  switch (fault.fault) {
    case 'death':
      for (const process of kernel.living(fault.name, ['run'])) kernel.end(process, os.signals.SIGKILL);
      return;
    case 'kill the tree': {
      const { life } = machine;
      if (life === undefined || !machine.treeIsAlive) return;
      machine.keeperDelay = fault.away;
      if (fault.usurped) machine.onTreeDeath = () => usurp(simulation);
      life.machine.callsLeft = fault.call;
      life.machine.diesInFork = fault.fork;
      // It has nothing to do: then it dies so.
      clock.after(500, () => life.kill());
      return;
    }
    case 'set the clock':
      clock.set += fault.by;
      return;
    case 'no processes':
      kernel.isLacking = true;
      clock.after(fault.duration, () => {
        kernel.isLacking = false;
      });
      return;
    case 'no run': {
      const files = kernel.disk.directories.get(`${SCANDIR}/${fault.name}`)!;
      files.delete('run');
      clock.after(fault.duration, () => files.set('run', '#!/bin/true'));
      return;
    }
    case 'strangers':
      strangers(simulation, fault);
  }
}

function strangers({ kernel, clock }: Simulation, { count, duration }: { count: number; duration: number }): void {
  if (kernel.isLacking) return;
  for (let each = 0; each < count; each++) {
    const stranger = kernel.fork({ parent: 1, service: undefined, role: 'stranger', directory: '/', argv: ['sh'] });
    kernel.exec(stranger);
    clock.after(duration + each, () => kernel.end(stranger, 0));
  }
}

/** All that a dead tree has left dies, and its pids are strangers' soon. */
function usurp(simulation: Simulation): void {
  const { kernel, clock, daemons } = simulation;
  const left = [...daemons.keys()].flatMap((name) => kernel.living(name));
  for (const process of left) clock.after(1, () => kernel.end(process, os.signals.SIGKILL));
  clock.after(25, () => strangers(simulation, { count: left.length + 2, duration: 4000 }));
}

/** Nothing went wrong: a service is up exactly if it and all that it needs are wanted. */
async function checkAgreement(simulation: Simulation): Promise<void> {
  const { machine } = simulation;
  const { database } = machine;
  await simulation.pass(2000);
  const failed = simulation.running.find(({ outcome }) => outcome!.failed.length > 0 || outcome!.end !== 'finished');
  if (failed) throw new RuleBroken(`failed in peace: ${brief(failed.outcome!)}`);
  if (simulation.running.some(({ outcome }) => outcome!.refused.length > 0)) return;
  // A start and a restart of the same services undo each other's steps until one gives in, and says so.
  const restarts = simulation.scenario.requests.some(({ goal }) => goal === 'restart');
  if (restarts && simulation.running.some(({ outcome }) => outcome!.skipped.length > 0)) return;
  for (const [name, service] of servicesByName(database)) {
    const should = closure(database.needs, [service]).every((one) => machine.records[one]!.wanted !== 'no');
    if (should ? machine.isUp(service) : machine.isDown(service)) continue;
    const outcomes = simulation.running.map(({ outcome }) => brief(outcome!)).join('\n');
    throw new RuleBroken(`in peace, ${name} should be ${should ? 'up' : 'down'}:\n${outcomes}`);
  }
}
