/** Removing an instance that was made at run time, with what was made along with it and nobody else names. */
import type { InstanceService, InstanceSet } from '@muster/core/instances/instance-set';
import { conditionOf } from '@muster/core/model/condition';
import { LONGRUN, serviceNamed } from '@muster/core/model/database';
import { failure, type Result, success } from '@muster/core/result';
import { type Deadline, timeLeft } from '@muster/posix/deadline';
import { until } from '@muster/posix/until';
import { forgetInstance } from '@muster/store/kept-instances';
import { holderName } from '@muster/store/live/changes';
import { variablesIn, withInstances } from '@muster/store/live/database';
import { forgetVariables, writeInstances } from '@muster/store/live/instances';
import { byteOfKey } from '@muster/store/live/lock-file';
import { openSupervisor } from '@muster/supervisors/open-supervisor';
import type { Caller } from '../caller.ts';
import type { ControlEventSink } from '../events.ts';
import { type Changing, openForChanging } from '../open/change.ts';
import { openForReading } from '../open/read.ts';
import { withInstancesLocked } from './open.ts';
import type { InstanceProblem } from './problems.ts';
import { settle } from './settle.ts';

export interface RemoveRequest {
  /** The live directory. */
  readonly root: string;
  /** `T@I` */
  readonly name: string;
  readonly noWait: boolean;
  readonly deadline: Deadline;
}

/** What is removed has to be down: a change brings it down before. Throws what the system refuses. */
export async function removeInstance(request: RemoveRequest, caller: Caller): Promise<Result<null, InstanceProblem>> {
  const opened = await openForChanging(request.root, request, caller);
  if (!opened.ok) return opened;
  const locked = await withInstancesLocked(opened.value, request, caller);
  if (!locked.ok) return locked;
  try {
    return await removeFrom(locked.value, request, caller);
  } finally {
    locked.value.records.close();
    locked.value.lock.close();
  }
}

/** The services that would go with it at this moment, to be brought down first. */
export function removedWith(
  { root, name }: Pick<RemoveRequest, 'root' | 'name'>,
  events: ControlEventSink,
): Result<readonly string[], InstanceProblem> {
  const opened = openForReading(root, events);
  if (!opened.ok) return opened;
  opened.value.records.close();
  const refusal = refusalToRemove(opened.value, name);
  return refusal === null
    ? success(goingWith(opened.value.instances, name).map((service) => service.name))
    : failure(refusal);
}

/** Why it cannot be removed whatever is brought down before; null if it can. */
function refusalToRemove(
  { base, instances }: Pick<Changing, 'base' | 'instances'>,
  name: string,
): InstanceProblem | null {
  if (base.names.includes(name)) return { kind: 'of-source', name };
  if (!instances.services.some((service) => service.name === name)) return { kind: 'no-instance', name };
  const left = without(instances, name);
  if (!left.services.some((service) => service.name === name)) return null;
  return { kind: 'needed', name, by: referrersOf(instances, name) };
}

async function removeFrom(
  opened: Changing,
  request: RemoveRequest,
  caller: Caller,
): Promise<Result<null, InstanceProblem>> {
  const { live, instances, base, lock } = opened;
  const { name, deadline, noWait } = request;
  const refusal = refusalToRemove(opened, name);
  if (refusal !== null) return failure(refusal);
  const going = goingWith(instances, name);
  for (const { key } of going) {
    const range = byteOfKey(key);
    if (await until(() => lock.ranges.tryExclusive(range), noWait ? 0 : timeLeft(deadline))) continue;
    const holder = holderName(live.paths.changes, lock.ranges.holder(range)) ?? 'another command';
    return failure({ kind: 'busy', holder, inside: null, late: !noWait });
  }
  const up = notDown(opened, going);
  if (up.length > 0) return failure({ kind: 'still-up', names: up });
  const created = instances.created.find((instance) => instance.name === name);
  if (created?.persist != null) forgetInstance(created.persist, name);
  const leaving = going.map((service) => ({ name: service.name, supervised: service.kind === LONGRUN }));
  const set = { ...without(instances, name), arriving: [], leaving };
  writeInstances(live.instancesPath, set);
  const database = withInstances(base, set, variablesIn(live.paths));
  await settle({ ...opened, database, instances: set }, caller.muster, deadline);
  forgetVariables(live.paths);
  return success(null);
}

function goingWith(instances: InstanceSet, name: string): InstanceService[] {
  const kept = new Set(without(instances, name).services.map((service) => service.name));
  return instances.services.filter((service) => !kept.has(service.name));
}

function notDown(opened: Changing, going: readonly InstanceService[]): string[] {
  const { database, records } = opened;
  const supervisor = openSupervisor(opened);
  try {
    return going
      .map(({ name }) => name)
      .filter((name) => {
        const service = serviceNamed(database, name);
        if (service === undefined) return false;
        const observation = supervisor.observe(service);
        return observation.kind !== 'unsupervised' && conditionOf(records.read(service), observation) !== 'down';
      });
  } finally {
    supervisor.close();
  }
}

/** Those that somebody asked for, and what they name; in the order in which they are. */
function without(set: InstanceSet, name: string): InstanceSet {
  const created = set.created.filter((instance) => instance.name !== name);
  const byName = new Map(set.services.map((service) => [service.name, service]));
  const kept = new Set<string>();
  const pending = created.map((instance) => instance.name);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const service = byName.get(next);
    if (service === undefined || kept.has(next)) continue;
    kept.add(next);
    pending.push(...namedBy(service));
    // A logger belongs to its producer, and a consumer to those that it reads from.
    for (const other of set.services) if (other.producerFor === next) pending.push(other.name);
  }
  const services = set.services.filter((service) => kept.has(service.name));
  const bundles = set.bundles.filter(({ members }) =>
    members.every((member) => kept.has(member) || !byName.has(member)),
  );
  return { ...set, created, services, bundles };
}

function namedBy({ needs, wants, after, before, conflicts, producerFor }: InstanceService): string[] {
  const names = [...needs.map(([name]) => name), ...wants, ...after, ...before, ...conflicts];
  return producerFor === null ? names : [...names, producerFor];
}

function referrersOf({ services }: InstanceSet, name: string): string[] {
  const consumer = services.find((service) => service.name === name)?.producerFor;
  return services
    .filter((service) => service.name !== name && (namedBy(service).includes(name) || service.name === consumer))
    .map((service) => service.name);
}
