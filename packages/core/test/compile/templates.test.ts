/** Definitions whose name ends with @. */

import { targetsOf } from '@muster/core/graph/edges';
import { FLAG } from '@muster/core/model/database';
import { everyTemplate, type TemplateIndex } from '@muster/core/model/template';
import { expect, test } from 'vitest';
import { compileFiles } from './sources.ts';
import { compiled, definition, longrun, names, oneshot } from './written.ts';

test('a template becomes the instances that are referred to, and those that they refer to', () => {
  const database = compiled(
    longrun('tunnel@', { 'dependencies.d/key@%i': '', description: 'from the template' }),
    oneshot('key@', { up: 'make-key' }),
    longrun('tunnel@own', { description: 'by itself' }),
    { 'all/type': 'bundle', 'all/contents': 'tunnel@a\ntunnel@own\n' },
    longrun('web', { 'wants.d/key@web': '' }),
  );
  expect(database.names).toEqual(['key@a', 'key@web', 'tunnel@a', 'tunnel@own', 'web']);
  expect(names(database, 'needs', 'tunnel@a')).toEqual(['key@a']);
  expect(definition(database, 'key@a').instance).toBe('a');
  expect(database.descriptions.slice(2, 4)).toEqual(['from the template', 'by itself']);
});

test('in a template %i stands for the instance in every list, and where its log goes', () => {
  const database = compiled(
    longrun('tunnel@', { 'producer-for': 'filter@%i' }),
    longrun('filter@', { 'consumer-for': 'tunnel@%i', log: 'dir /var/log/%i\nprefix %i:\nexclude %i$' }),
    longrun('reader@', { 'consumer-for': 'writer@%i', 'pipeline-name': 'pipe-%i' }),
    longrun('writer@', { 'producer-for': 'reader@%i', 'renamed-from': 'old-%i' }),
    { 'all/type': 'bundle', 'all/contents': 'tunnel@a\ntunnel@b\nwriter@$&' },
  );
  const instances = [
    'filter@a',
    'filter@a-log',
    'filter@b',
    'filter@b-log',
    'reader@$&',
    'tunnel@a',
    'tunnel@b',
    'writer@$&',
  ];
  expect(database.names).toEqual(instances);
  expect(database.bundleNames).toEqual(['all', 'pipe-$&']);
  expect(database.renamedFrom.at(-1)).toEqual(['old-$&']);
  expect(names(database, 'producerFor', 'tunnel@b')).toEqual(['filter@b']);
  expect(definition(database, 'filter@a-log').logger).toMatchObject({
    directory: '/var/log/a',
    prefix: 'a:',
    select: [{ action: 'exclude', pattern: '%i$' }],
  });
});

test('a template is in the database as it was written, with what was made of it', () => {
  const { templates, names } = compiled(
    longrun('tunnel@', {
      'dependencies.d/key@%i': 'reload\n',
      'after.d/z': '',
      'after.d/b-%i': '',
      'timeout-up': '500',
      description: 'one end',
      log: 'dir /var/log/%i\nprefix %i:',
      'renamed-from': 'old-%i',
      'flag-essential': '',
    }),
    oneshot('key@', { up: 'make-key', 'on-update': 'rerun', 'flag-essential': '' }),
    oneshot('unused@', { up: 'true', 'conflicts.d/web': '' }),
    longrun('tunnel@own'),
    longrun('web'),
    longrun('z'),
    longrun('b-a'),
    longrun('b-b'),
    { 'all/type': 'bundle', 'all/contents': 'tunnel@b\ntunnel@a\ntunnel@own\n' },
  );
  const [key, tunnel, unused] = everyTemplate(templates);
  const instancesOf = (index: TemplateIndex) => Array.from(targetsOf(templates.instances, index), (id) => names[id]!);
  expect(templates.names).toEqual(['key@', 'tunnel@', 'unused@']);
  expect(instancesOf(key!)).toEqual(['key@a', 'key@b']);
  expect(instancesOf(tunnel!)).toEqual(['tunnel@a', 'tunnel@b']);
  expect(instancesOf(unused!)).toEqual([]);
  expect(templates.flags).toEqual(Uint8Array.of(FLAG.essential, FLAG.essential, 0));
  expect(templates.template(tunnel!)).toMatchObject({
    definition: { type: 'longrun', instance: '%i', files: [{ path: 'run' }] },
    timeoutUp: 500,
    timeoutDown: 0,
    onUpdate: 'restart',
    description: 'one end',
    renamedFrom: ['old-%i'],
    dependencies: [{ name: 'key@%i', onRestart: 'reload' }],
    after: ['b-%i', 'z'],
    producerFor: null,
    pipelineName: null,
    logger: { logger: { directory: '/var/log/%i', prefix: '%i:' }, instance: '%i' },
  });
  expect(templates.template(key!)).toMatchObject({ onUpdate: 'rerun', logger: null, definition: { type: 'oneshot' } });
  expect(templates.template(unused!).conflicts).toEqual(['web']);
});

test('what is wrong in a template has the place that is on the disk, with or without instances', () => {
  const { diagnostics } = compileFiles({
    ...longrun('used@', { 'dependencies.d/ghost-%i': '', 'conflicts.d/peer@%i': '', 'wants.d/peer@%i': '' }),
    ...longrun('peer@', { 'dependencies.d/used@%i': '' }),
    ...longrun('unused@', { 'dependencies.d/gohst': '', 'dependencies.d/x-%i': '', 'after.d/used@b': '' }),
    ...longrun('ghost'),
    'all/type': 'bundle',
    'all/contents': 'used@a\nghost\n',
  });
  expect(diagnostics.map(({ message, at }) => `${at!.file}: ${message}`)).toEqual([
    'source/peer@/dependencies.d/used@%i: the order of these services runs in a circle',
    'source/unused@/dependencies.d/gohst: nothing defines gohst, which unused@ needs',
    'source/used@/conflicts.d/peer@%i: peer@a needs used@a, and conflicts with it',
    'source/used@/dependencies.d/ghost-%i: nothing defines ghost-a, which used@a needs',
  ]);
});
