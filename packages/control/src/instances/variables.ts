/** Other variables for an instance that is there. It gets them with its next start. */
import { instanceDefinition, type Variables } from '@muster/core/instances/instance-definition';
import { type InstanceService, type InstanceSet, partsOf } from '@muster/core/instances/instance-set';
import { FLAG } from '@muster/core/model/database';
import { templateNamed } from '@muster/core/model/template';
import { failure, type Result, success } from '@muster/core/result';
import type { Deadline } from '@muster/posix/deadline';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { keepInstance } from '@muster/store/kept-instances';
import { variablesIn, withInstances } from '@muster/store/live/database';
import { forgetVariables, keepVariables, readVariables, writeInstances } from '@muster/store/live/instances';
import type { Caller } from '../caller.ts';
import type { ControlEventSink } from '../events.ts';
import { type Changing, openForChanging } from '../open/change.ts';
import { type Opened, openForReading } from '../open/read.ts';
import type { Unusable } from '../problems.ts';
import { whatIsWrong } from './create.ts';
import { withInstancesLocked } from './open.ts';
import type { InstanceProblem } from './problems.ts';
import { settle } from './settle.ts';

export interface VariablesRequest {
  /** The live directory. */
  readonly root: string;
  /** `T@I` */
  readonly name: string;
  readonly set: Variables;
  readonly unset: readonly string[];
  readonly noWait: boolean;
  readonly deadline: Deadline;
}

/** Throws what the system says: they are for their owner alone. */
export function variablesOfInstance(
  { root, name }: Pick<VariablesRequest, 'root' | 'name'>,
  events: ControlEventSink,
): Result<Variables, Unusable | InstanceProblem> {
  const opened = openForReading(root, events);
  if (!opened.ok) return opened;
  opened.value.records.close();
  const service = serviceOf(opened.value, name);
  return service.ok ? success(readVariables(opened.value.live.paths, service.value.environment)) : service;
}

/** Whether anything is other than it was. Throws what the system refuses. */
export async function changeVariables(
  request: VariablesRequest,
  caller: Caller,
): Promise<Result<boolean, InstanceProblem>> {
  const wrong = whatIsWrong({ name: request.name, variables: request.set });
  if (wrong !== null) return failure(wrong);
  const opened = await openForChanging(request.root, request, caller);
  if (!opened.ok) return opened;
  const locked = await withInstancesLocked(opened.value, request, caller);
  if (!locked.ok) return locked;
  try {
    return await changeIn(locked.value, request, caller);
  } finally {
    locked.value.records.close();
    locked.value.lock.close();
  }
}

async function changeIn(
  opened: Changing,
  { name, set, unset, deadline }: VariablesRequest,
  caller: Caller,
): Promise<Result<boolean, InstanceProblem>> {
  const { live, base, instances } = opened;
  const found = serviceOf(opened, name);
  if (!found.ok) return found;
  const service = found.value;
  const before = readVariables(live.paths, service.environment);
  const changed = new Map([...before, ...set]);
  for (const variable of unset) changed.delete(variable);
  const variables = [...changed].sort(([a], [b]) => (a < b ? -1 : 1));
  if (JSON.stringify(variables) === JSON.stringify(before)) return success(false);
  const index = templateNamed(base.templates, service.template);
  if (index === undefined) return failure({ kind: 'no-template', template: service.template });
  if (base.templates.template(index).definition.type === 'oneshot')
    return failure({ kind: 'no-variables', template: service.template });
  const definition = instanceDefinition(base, service, variables);
  const contentHash = Buffer.from(definitionEncoding.digest(definitionEncoding.encode(definition))).toString('hex');
  const environment = keepVariables(live.paths, variables);
  const flags = variables.length > 0 ? service.flags | FLAG.private : service.flags & ~FLAG.private;
  const changedService = { ...service, environment, contentHash, flags, since: Date.now() };
  const persist = instances.created.find((instance) => instance.name === name)?.persist ?? null;
  if (persist !== null) keepInstance(persist, { name, variables });
  const next: InstanceSet = {
    ...instances,
    services: instances.services.map((other) => (other.name === name ? changedService : other)),
    arriving: [name],
  };
  writeInstances(live.instancesPath, next);
  const database = withInstances(base, next, variablesIn(live.paths));
  await settle({ ...opened, database, instances: next }, caller.muster, deadline);
  forgetVariables(live.paths);
  return success(true);
}

function serviceOf(
  { base, instances }: Pick<Opened, 'base' | 'instances'>,
  name: string,
): Result<InstanceService, InstanceProblem> {
  const service = instances.services.find((other) => other.name === name && !other.isLogger);
  if (service !== undefined) return success(service);
  return failure(
    partsOf(name) !== null && base.names.includes(name) ? { kind: 'of-source', name } : { kind: 'no-instance', name },
  );
}
