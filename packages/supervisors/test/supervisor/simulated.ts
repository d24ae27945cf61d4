/** The machine of the engine's simulation, as one more supervisor: what is proved on it holds only if it behaves as they do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Supervisor } from '@muster/core/execute/ports';
import { behaving } from '@muster/core/test/simulation/behaviour';
import { databaseOf } from '@muster/core/test/simulation/graph';
import { Machine } from '@muster/core/test/simulation/machine';
import { VirtualClock } from '@muster/core/test/simulation/virtual-clock';
import type { Cast, Stage } from './subjects.ts';
import { Watching } from './watching.ts';

const SIGNALS = { SIGKILL: 9, SIGTERM: 15 } as const;

export function openSimulated(cast: Cast): Stage {
  const directory = mkdtempSync(join(tmpdir(), 'muster-supervisor-'));
  const roles = Object.entries(cast(directory));
  const nodes = roles.map(([name, { files }]) => {
    const kind = files.type?.trim();
    return { name, kind: kind === 'oneshot' ? ('oneshot' as const) : ('longrun' as const) };
  });
  const behaviours = roles.map(([, { simulated = {} }]) => behaving(simulated));
  const clock = new VirtualClock();
  const machine = new Machine(databaseOf(nodes), clock, behaviours, () => 1);
  const watching = new Watching(
    clientOf(machine),
    nodes.map(({ name }) => name),
  );
  return {
    kind: 'simulated',
    directory,
    supervisor: watching.supervisor,
    id: (name) => watching.id(name),
    others: async (name) => [clientOf(machine).observe(watching.id(name))],
    until: (what, condition) => watching.until(what, condition, () => clock.step()),
    longrun: (name) => watching.longrun(name),
    oneshot: (name) => watching.oneshot(name),
    strike: (name, signal) => machine.die(watching.id(name), { code: 0, signal: SIGNALS[signal] }),
    give: (name) => {
      const exit = roles.find(([known]) => known === name)?.[1].obeys;
      if (exit !== undefined) machine.die(watching.id(name), exit);
    },
    lose: async () => machine.killTree(),
    close: async () => {
      watching.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function clientOf(machine: Machine): Supervisor {
  return {
    observe: (service) => machine.observe(service),
    life: (seen) => machine.clock.now() - Math.max(seen.since, seen.readySince),
    watch: (services, changed) => machine.watch(services, changed),
    start: (service) => machine.request(service, 'start'),
    stop: (service) => machine.request(service, 'stop'),
    reload: (service) => machine.request(service, 'reload'),
    kill: (service) => machine.request(service, 'kill'),
    remains: () => [],
    isUnread: (service) => machine.isUnread(service),
    withdraw: (service) => machine.withdraw(service),
  };
}
