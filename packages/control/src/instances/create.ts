/** Making an instance of a template of the live database. */

import { isTooLong } from '@muster/core/compile/names';
import { isVariableName, type Variables } from '@muster/core/instances/instance-definition';
import { type InstanceSet, partsOf } from '@muster/core/instances/instance-set';
import { circleIn, type MadeServices, makeServices } from '@muster/core/instances/make-services';
import { templateNamed } from '@muster/core/model/template';
import { failure, type Result, success } from '@muster/core/result';
import type { Deadline } from '@muster/posix/deadline';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { keepInstance } from '@muster/store/kept-instances';
import { variablesIn, withInstances } from '@muster/store/live/database';
import {
  blankRecords,
  freeSlots,
  keepVariables,
  newKey,
  readVariables,
  writeInstances,
} from '@muster/store/live/instances';
import { supervisorFor } from '@muster/supervisors/supervisor-table';
import type { Caller } from '../caller.ts';
import { type Changing, openForChanging } from '../open/change.ts';
import { withInstancesLocked } from './open.ts';
import type { InstanceProblem } from './problems.ts';
import { settle } from './settle.ts';

export interface CreateRequest {
  /** The live directory. */
  readonly root: string;
  /** `T@I` */
  readonly name: string;
  /** In any order. */
  readonly variables: Variables;
  /** The directory in which it is kept for the next boot; null if it is not. */
  readonly keepIn: string | null;
  readonly noWait: boolean;
  readonly deadline: Deadline;
}

export interface Created {
  /** It was there already, just so. */
  readonly existed: boolean;
}

/** It is there when this resolves, down, under its supervisor. Throws what the system refuses. */
export async function createInstance(
  request: CreateRequest,
  caller: Caller,
): Promise<Result<Created, InstanceProblem>> {
  const wrong = whatIsWrong(request);
  if (wrong !== null) return failure(wrong);
  const opened = await openForChanging(request.root, request, caller);
  if (!opened.ok) return opened;
  const locked = await withInstancesLocked(opened.value, request, caller);
  if (!locked.ok) return locked;
  try {
    return await createIn(locked.value, request, caller);
  } finally {
    locked.value.records.close();
    locked.value.lock.close();
  }
}

/** Null if such an instance may be. */
export function whatIsWrong({ name, variables }: Pick<CreateRequest, 'name' | 'variables'>): InstanceProblem | null {
  const bad = (why: string) => ({ kind: 'bad-request', why }) as const;
  const parts = partsOf(name);
  if (parts === null) return bad(`'${name}' is not TEMPLATE@INSTANCE`);
  if (isTooLong(name)) return bad('a name has at most 255 bytes');
  if (/[/\n\0]/.test(name) || parts.instance.startsWith('.') || name.startsWith('.'))
    return bad('an instance has no slash, newline or NUL in it, and does not begin with a dot');
  const odd = variables.find(([variable, value]) => !isVariableName(variable) || value.includes('\0'));
  return odd === undefined
    ? null
    : bad(`'${odd[0]}' cannot be a variable: letters, digits and _, and no NUL in its value`);
}

async function createIn(
  opened: Changing,
  { name, variables, keepIn, deadline }: CreateRequest,
  caller: Caller,
): Promise<Result<Created, InstanceProblem>> {
  const { live, base, database, instances } = opened;
  const wanted = [...variables].sort(([a], [b]) => (a < b ? -1 : 1));
  if (database.names.includes(name)) {
    const own = instances.services.find((service) => service.name === name);
    if (own === undefined && wanted.length === 0) return success({ existed: true });
    if (own === undefined || !isSame(readVariables(live.paths, own.environment), wanted))
      return failure({ kind: 'other-variables', name });
    claim(opened, name, keepIn, wanted);
    return success({ existed: true });
  }
  const template = partsOf(name)?.template ?? name;
  const index = templateNamed(base.templates, template);
  if (index === undefined) return failure({ kind: 'no-template', template });
  if (wanted.length > 0 && base.templates.template(index).definition.type === 'oneshot')
    return failure({ kind: 'no-variables', template });
  const making = makeServices(database, [{ name, variables: wanted }], definitionEncoding);
  if (!making.ok) return failure({ kind: 'unmakeable', diagnostics: making.problem });
  const environment = keepVariables(live.paths, wanted);
  const set = withMade(instances, making.value, { name, environment, persist: keepIn });
  const next = withInstances(base, set, variablesIn(live.paths));
  const circle = circleIn(next);
  if (circle !== null) return failure({ kind: 'circle', names: circle });
  const obstacles = supervisorFor(live).obstacles(live, next, database);
  if (obstacles.length > 0) return failure({ kind: 'obstacles', obstacles });
  blankRecords(
    live.instanceStatePath,
    set.services.slice(instances.services.length).map(({ slot }) => slot),
  );
  if (keepIn !== null) keepInstance(keepIn, { name, variables: wanted });
  writeInstances(live.instancesPath, set);
  await settle({ ...opened, database: next, instances: set }, caller.muster, deadline);
  return success({ existed: false });
}

function isSame(a: Variables, b: Variables): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What was made along with another one is somebody's own from now on; what was for this boot is kept for the next. */
function claim({ live, instances }: Changing, name: string, keepIn: string | null, variables: Variables): void {
  const known = instances.created.find((instance) => instance.name === name);
  const persist = keepIn ?? known?.persist ?? null;
  if (known !== undefined && known.persist === persist) return;
  if (keepIn !== null) keepInstance(keepIn, { name, variables });
  const created = [...instances.created.filter((instance) => instance.name !== name), { name, persist }];
  writeInstances(live.instancesPath, { ...instances, created });
}

function withMade(
  set: InstanceSet,
  { services, bundles }: MadeServices,
  {
    name,
    environment,
    persist,
  }: { readonly name: string; readonly environment: string | null; readonly persist: string | null },
): InstanceSet {
  const slots = freeSlots(set, services.length);
  const all = [...set.services];
  services.forEach((service, at) => {
    const own = service.name === name ? environment : null;
    // There is a slot for each.
    all.push({ ...service, environment: own, key: newKey({ services: all }), slot: slots[at]!, since: 0 });
  });
  return {
    created: [...set.created, { name, persist }],
    services: all,
    bundles: [...set.bundles, ...bundles],
    arriving: services.map((service) => service.name),
    leaving: [],
  };
}
