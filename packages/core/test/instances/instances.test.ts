/** Instances that are laid over a database are what the compiler would have made of a reference to them. */

import { targetsOf } from '@muster/core/graph/edges';
import { instanceDefinition } from '@muster/core/instances/instance-definition';
import { type InstanceSet, NO_INSTANCES } from '@muster/core/instances/instance-set';
import { circleIn, makeServices, type WantedInstance } from '@muster/core/instances/make-services';
import { overlay } from '@muster/core/instances/overlay';
import { contentHashOf } from '@muster/core/model/content-hash';
import { bundleNamed, type Database, everyService, nameOf, serviceNamed } from '@muster/core/model/database';
import { expect, test } from 'vitest';
import { AS_JSON } from '../compile/sources.ts';
import { compiled, longrun, oneshot } from '../compile/written.ts';

const TEMPLATES = {
  ...longrun('tunnel@', {
    'dependencies.d/key@%i': 'reload\n',
    'dependencies.d/net': '',
    'dependencies.d/group': 'ignore\n',
    'wants.d/web': '',
    'after.d/z': '',
    'before.d/late': '',
    'conflicts.d/other': '',
    'timeout-up': '500',
    'notification-fd': '3',
    description: 'one end',
    log: 'dir /var/log/%i\nprefix %i:',
    'pipeline-name': 'all-of-%i',
    'consumer-for': 'writer@%i',
    'flag-essential': '',
  }),
  ...oneshot('key@', { up: 'make-key' }),
  ...longrun('writer@', { 'producer-for': 'tunnel@%i' }),
  ...longrun('net'),
  ...longrun('web'),
  ...longrun('z'),
  ...longrun('late'),
  ...longrun('other'),
  ...longrun('zz'),
  'group/type': 'bundle',
  'group/contents': 'zz\nweb2\n',
  ...longrun('web2'),
};

function made(base: Database, ...wanted: WantedInstance[]): InstanceSet {
  const making = makeServices(base, wanted, AS_JSON);
  if (!making.ok) throw new Error(JSON.stringify(making.problem));
  const { services, bundles } = making.value;
  return {
    ...NO_INSTANCES,
    bundles,
    services: services.map((service, slot) => ({ ...service, environment: null, key: slot, slot, since: 0 })),
  };
}

function laidOver(base: Database, set: InstanceSet): Database {
  return overlay(base, set, (service) => instanceDefinition(base, service, []));
}

/** All that can be asked of each service, by names. */
function told(database: Database) {
  const named = (ids: Iterable<number>) => [...ids].map((id) => database.names[id]!).sort();
  return new Map(
    everyService(database).map((id) => [
      nameOf(database, id),
      {
        kind: database.kinds[id],
        flags: database.flags[id],
        timeoutUp: database.timeoutUp[id],
        onUpdate: database.onUpdate[id],
        description: database.descriptions[id],
        needs: named(targetsOf(database.needs, id)),
        neededBy: named(targetsOf(database.neededBy, id)),
        wants: named(targetsOf(database.wants, id)),
        wantedBy: named(targetsOf(database.wantedBy, id)),
        after: named(targetsOf(database.after, id)),
        before: named(targetsOf(database.before, id)),
        conflicts: named(targetsOf(database.conflicts, id)),
        producerFor: named(targetsOf(database.producerFor, id)),
        consumerFor: named(targetsOf(database.consumerFor, id)),
        hash: Buffer.from(contentHashOf(database, id)).toString('hex'),
        definition: database.definition(id),
      },
    ]),
  );
}

function membersOf(database: Database, bundle: string): string[] {
  return [...targetsOf(database.bundleMembers, bundleNamed(database, bundle)!)].map((id) => database.names[id]!).sort();
}

test('an instance is what the compiler makes of a reference to it, with all that it pulls along', () => {
  const base = compiled(TEMPLATES);
  const laid = laidOver(base, made(base, { name: 'tunnel@a', variables: [] }));
  const written = compiled(TEMPLATES, { 'all/type': 'bundle', 'all/contents': 'tunnel@a\n' });
  expect(told(laid)).toEqual(told(written));
  expect(laid.names).toContain('key@a');
  expect(laid.names).toContain('writer@a');
  expect(laid.names).toContain('tunnel@a-log');
  expect(membersOf(laid, 'all-of-a')).toEqual(membersOf(written, 'all-of-a'));
  // Who has an id of the base goes on with it.
  for (const id of everyService(base)) expect(nameOf(laid, id)).toBe(nameOf(base, id));
});

test('a second one is made upon the first, and shares what both name', () => {
  const templates = { ...oneshot('key@', { up: 'make-key' }), ...longrun('a@', { 'dependencies.d/key@x': '' }) };
  const base = compiled(templates);
  const first = made(base, { name: 'a@1', variables: [] });
  const laid = laidOver(base, first);
  const second = made(laid, { name: 'a@2', variables: [] });
  expect(second.services.map(({ name }) => name)).toEqual(['a@2']);
  const both = { ...first, services: [...first.services, ...second.services] };
  const written = compiled(templates, { 'all/type': 'bundle', 'all/contents': 'a@1\na@2\n' });
  expect(told(laidOver(base, both))).toEqual(told(written));
});

test('variables are in scripts for their user alone, around those of the template, and not in the logger', () => {
  const base = compiled(longrun('a@', { 'ready-check*': '#!/bin/sh\n', 'finish*': '#!/bin/sh\n', log: 'dir /l/%i' }));
  const variables = [['KEY', "a 'quoted'\nvalue"]] as const;
  const set = made(base, { name: 'a@1', variables });
  const laid = overlay(base, set, (service) => instanceDefinition(base, service, variables));
  const definition = laid.definition(serviceNamed(laid, 'a@1')!);
  if (definition.type !== 'longrun') throw new Error('a longrun was made');
  const files = new Map(definition.files.map((file) => [file.path, file]));
  for (const script of ['run', 'finish', 'ready-check']) {
    const file = files.get(script);
    if (file?.kind !== 'file') throw new Error(`there is no ${script}`);
    expect(file.mode).toBe(0o700);
    const ran = Bun.spawnSync([
      'sh',
      '-c',
      `${new TextDecoder().decode(file.content).replace(/^exec .*$/m, '')}\nprintf %s "$KEY"`,
    ]);
    expect(ran.stdout.toString()).toBe("a 'quoted'\nvalue");
    expect(files.has(`data/.scripts/${script}`)).toBe(true);
  }
  const logger = laid.definition(serviceNamed(laid, 'a@1-log')!);
  expect(JSON.stringify(logger)).not.toContain('KEY');
  const plain = made(base, { name: 'a@1', variables: [] });
  expect(plain.services[0]!.contentHash).not.toBe(set.services[0]!.contentHash);
  expect(plain.services[1]!.contentHash).toBe(set.services[1]!.contentHash);
});

test('what cannot be is refused as the compiler refuses it', () => {
  const base = compiled(
    longrun('a@', { 'dependencies.d/b-%i': '' }),
    longrun('b-1'),
    longrun('c@', { log: 'dir /l' }),
    longrun('c@1-log'),
    longrun('d@', { 'producer-for': 'b-1' }),
    longrun('g@', { 'dependencies.d/g@%ix': '' }),
    longrun('o@', { 'before.d/b-1': '', 'dependencies.d/b-1': '' }),
  );
  const complaint = (name: string) => {
    const making = makeServices(base, [{ name, variables: [] }], AS_JSON);
    return making.ok ? null : making.problem.map(({ message }) => message).join('\n');
  };
  expect(complaint('a@1')).toBe(null);
  expect(complaint('a@2')).toBe('nothing defines b-2, which a@2 needs');
  expect(complaint('c@1')).toContain('c@1-log, which this log file defines, is defined twice');
  expect(complaint('d@1')).toContain('produces for b-1, which does not say so');
  expect(complaint('g@1')).toContain('is too long for a name');
  expect(circleIn(laidOver(base, made(base, { name: 'a@1', variables: [] })))).toBe(null);
  expect(circleIn(laidOver(base, made(base, { name: 'o@1', variables: [] })))).toEqual(
    expect.arrayContaining(['b-1', 'o@1']),
  );
});
