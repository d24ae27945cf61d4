/** Databases that somebody made by hand, with a checksum that is right: each is refused, and by what it would have done. */
import { PLAIN_LONGRUN } from '@muster/core/compile/longrun';
import { edgesFrom } from '@muster/core/graph/edges';
import { type Database, everyService, FLAG, type ServiceId, serviceId } from '@muster/core/model/database';
import type { Definition, FileEntry, Longrun, Oneshot } from '@muster/core/model/definition';
import { DefinitionPacker, type PackedDatabase } from '@muster/core/model/packed-definitions';
import { faultsOf } from '@muster/core/model/soundness';
import { everyTemplate, type Template, type TemplateIndex, type TemplateTable } from '@muster/core/model/template';
import { compileFiles } from '@muster/core/test/compile/sources';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { describe, expect, test } from 'vitest';
import { plain } from './plain.ts';

const UTF8 = new TextEncoder();

const { packed, ...sound } = compileFiles(
  {
    'a/type': 'longrun',
    'a/run': '#!/bin/sh\nexec a\n',
    'a/dependencies.d/b': '',
    'b/type': 'longrun',
    'b/run': '#!/bin/sh\nexec b\n',
    'job/type': 'oneshot',
    'job/up': 'true',
    'all/type': 'bundle',
    'all/contents.d/a': '',
    't@/type': 'longrun',
    't@/run': '#!/bin/sh\nexec t\n',
    't@/dependencies.d/b': '',
  },
  definitionEncoding,
).database!;
const [A, B, JOB] = [serviceId(0), serviceId(1), serviceId(2)];

/** Null: it is sound. */
function refusalOf(database: Database): string | null {
  const decoded = decode(encode(database).bytes);
  if (!decoded.ok) return decoded.problem.message;
  try {
    for (const service of everyService(decoded.value.database)) decoded.value.database.definition(service);
    for (const index of everyTemplate(decoded.value.database.templates))
      decoded.value.database.templates.template(index);
  } catch (error) {
    expect(error).toMatchObject({ diagnostic: { code: 'RC3005' } });
    return (error as Error).message;
  }
  expect(faultsOf(decoded.value.database, definitionEncoding)).toEqual([]);
  return null;
}

/** With this definition in place of one of them, and its hash. */
function withDefinition(service: ServiceId, forged: Definition): Database {
  const contentHashes = sound.contentHashes.slice();
  contentHashes.set(definitionEncoding.digest(definitionEncoding.encode(forged)), service * 32);
  const flags = sound.flags.slice();
  return { ...sound, contentHashes, flags, definition: (id) => (id === service ? forged : sound.definition(id)) };
}

/** With these bytes in place of its definition, and their hash. */
function withBytes(service: ServiceId, bytes: Uint8Array): Database {
  const contentHashes = sound.contentHashes.slice();
  contentHashes.set(definitionEncoding.digest(bytes), service * 32);
  const packer = new DefinitionPacker(sound.names.length);
  for (const id of everyService(sound))
    packer.add(id === service ? bytes : definitionEncoding.encode(sound.definition(id)));
  const forged: PackedDatabase = { ...sound, contentHashes, packed: packer.finish() };
  return forged;
}

test('what is no definition at all, behind the hash of just that', () => {
  for (const bytes of [
    new Uint8Array(0),
    UTF8.encode('#!/bin/sh\n'),
    Uint8Array.of(0xc7, 0xff, 0x72),
    new Uint8Array(100_000).fill(0x91),
    Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff),
  ])
    expect(refusalOf(withBytes(A, bytes))).not.toBe(null);
  expect(refusalOf(withBytes(A, definitionEncoding.encode(sound.definition(A)).slice()))).toBe(null);
});

const run: FileEntry = { kind: 'file', path: 'run', mode: 0o755, content: UTF8.encode('#!/bin/sh\nexec x\n') };
const file = (path: string, mode = 0o644): FileEntry => ({ kind: 'file', path, mode, content: UTF8.encode('x') });
const directory = (path: string, mode = 0o755): FileEntry => ({ kind: 'directory', path, mode });
const link = (path: string, target: string): FileEntry => ({ kind: 'link', path, target });
const longrun = (...files: FileEntry[]): Longrun => ({
  ...PLAIN_LONGRUN,
  files: [...files, run].sort((x, y) => (x.path < y.path ? -1 : 1)),
});
const oneshot = sound.definition(JOB) as Oneshot;

test('what the compiler made is sound', () => {
  expect(refusalOf(sound)).toBe(null);
  const files = [
    directory('data/empty', 0o700),
    link('data/link', '/etc/passwd'),
    file('data/x', 0o666),
    directory('env'),
  ];
  expect(refusalOf(withDefinition(A, longrun(...files)))).toBe('it is private, and not said to be');
  expect(refusalOf(withDefinition(A, longrun(...files.slice(1))))).toBe(null);
});

test('only what goes by the hash that was checked is not looked at again, and is read as the same', () => {
  const { bytes, hash } = encode(sound);
  const checked = decode(bytes, hash);
  const looked = decode(bytes);
  if (!checked.ok || !looked.ok) throw new Error('both are sound');
  expect(plain(checked.value.database)).toEqual(plain(looked.value.database));

  const forged = encode({ ...sound, names: ['a', 'a', 'b'] });
  expect(decode(forged.bytes)).toMatchObject({ ok: false });
  expect(decode(forged.bytes, hash)).toMatchObject({ ok: false });
  expect(decode(forged.bytes, forged.hash)).toMatchObject({ ok: true });
  const bent = bytes.slice();
  bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1;
  expect(decode(bent, hash)).toMatchObject({ ok: false, problem: { refusal: 'corrupt' } });
});

describe('names that would lie elsewhere', () => {
  test.each(['.', '..', '../x', 'a/b', '/x', 'a\nb', '.hidden', 's6rc-oneshots', 's6-rc-x', 'x'.repeat(256)])(
    '%j',
    (name) => {
      expect(refusalOf({ ...sound, names: [name, 'b', 'job'].sort() })).toContain('cannot be the name of a service');
      if (name !== '.hidden')
        expect(refusalOf({ ...sound, bundleNames: [name] })).toContain('cannot be the name of a bundle');
    },
  );

  test('an empty one, one with a NUL, one twice, and one of a service and a bundle', () => {
    for (const names of [
      ['', 'b', 'job'],
      ['a\0', 'b', 'job'],
      ['a', 'a', 'b'],
      ['b', 'a', 'job'],
    ])
      expect(refusalOf({ ...sound, names }), names.join()).not.toBe(null);
    expect(refusalOf({ ...sound, bundleNames: ['a'] })).toContain('is both a service and a bundle');
  });

  test('earlier ones', () => {
    for (const renamedFrom of [
      [['..'], [], []],
      [['x'], ['x'], []],
    ])
      expect(refusalOf({ ...sound, renamedFrom })).toContain('cannot be the earlier name');
  });
});

describe('files that would lie elsewhere, or in the place of others', () => {
  test.each([
    '../x',
    '/etc/x',
    'data/../../x',
    'data/..',
    'data//x',
    'data/',
    'data/./x',
    '.',
    'data/a\0b',
    `data/${'x'.repeat(256)}`,
    'supervise',
    'supervise/control',
    'event',
    'event/x',
    'down',
    'status',
    'finish.user',
    'run.user',
    'notification-fd',
    'log',
    'x',
    '.muster/lock',
    'check',
    'control/t',
    'run/x',
    'instance',
  ])('%j', (path) => {
    expect(refusalOf(withDefinition(A, longrun(file(path))))).not.toBe(null);
  });

  test.each(['supervise', 'event', 'data', 'run', 'env', 'finish', 'instances'])('%s as a link', (path) => {
    const files = path === 'run' ? { ...PLAIN_LONGRUN, files: [link(path, '/etc')] } : longrun(link(path, '/etc'));
    expect(refusalOf(withDefinition(A, files))).not.toBe(null);
  });

  test('through a link, or a file, of the same definition', () => {
    expect(refusalOf(withDefinition(A, longrun(link('data/l', '/etc'), file('data/l/passwd'))))).toContain(
      'no directory',
    );
    expect(
      refusalOf(withDefinition(A, longrun(link('data/l', '/etc'), file('data/l-b'), file('data/l/deep/x')))),
    ).toContain('no directory');
    expect(refusalOf(withDefinition(A, longrun(file('data/l'), file('data/l/x'))))).toContain('no directory');
  });

  test('twice, or out of order', () => {
    const files = [file('data/b'), file('data/a'), run];
    expect(refusalOf(withDefinition(A, { ...PLAIN_LONGRUN, files }))).toContain('not in order');
    expect(refusalOf(withDefinition(A, longrun(file('data/a'), file('data/a'))))).toContain('not in order');
  });

  test.each([0o4755, 0o2755, 0o1755, 0o10644, 0xffffffff])('with another mode than the compiler gives: %i', (mode) => {
    expect(refusalOf(withDefinition(A, longrun(file('data/x', mode))))).toContain('has the mode');
    expect(refusalOf(withDefinition(A, longrun(directory('data/x', mode))))).not.toBe(null);
    expect(refusalOf(withDefinition(A, { ...PLAIN_LONGRUN, files: [{ ...run, mode }] }))).toContain('has the mode');
  });

  test('private ones behind a database that says it is for everybody', () => {
    expect(refusalOf(withDefinition(A, longrun(file('data/key', 0o600))))).toContain(
      'it is private, and not said to be',
    );
  });
});

test.each<readonly [what: string, longrun: Partial<Longrun>]>([
  ['no run', { files: [] }],
  ['a ready-check that is not there', { readyCheck: { interval: 1 } }],
  ['a signal that does not exist', { downSignal: 'NONE' }],
  ['a signal of two lines', { reloadSignal: 'HUP\nx' }],
  ['a user of two lines', { process: { user: 'root\nx' } }],
  ['a limit that does not exist', { process: { limits: [['--all', '1']] } }],
  ['a limit that is none', { process: { limits: [['nofile', '1; reboot']] } }],
  ['a niceness beyond any', { process: { nice: 4000 } }],
  ['a umask beyond any', { process: { umask: 0o77777 } }],
  [
    'a delay that ends before it begins',
    { restart: { policy: 'always', delayMin: 2, delayMax: 1, limit: null, successCodes: ['0'] } },
  ],
  ['an instance that its name does not say', { instance: 'x' }],
  ['readiness that its flags do not say', { notificationFd: 3 }],
])('a longrun with %s', (_, fields) => {
  expect(refusalOf(withDefinition(A, { ...longrun(), ...fields }))).not.toBe(null);
});

test('a logger that cannot be one', () => {
  const logger = {
    directory: '/l',
    size: 4096,
    keep: 1,
    timestamp: 'iso',
    prefix: '',
    mode: 0o640,
    link: null,
    select: [],
  } as const;
  const made = (more: object): Definition => ({ ...PLAIN_LONGRUN, logger: { ...logger, ...more } });
  expect(refusalOf(withDefinition(A, made({})))).toBe(null);
  for (const wrong of [
    { directory: 'l' },
    { size: 1 },
    { keep: 2 ** 31 },
    { select: [{ action: 'include', pattern: '(' }] },
  ])
    expect(refusalOf(withDefinition(A, made(wrong))), JSON.stringify(wrong)).not.toBe(null);
});

test('a oneshot that cannot be executed, and one that is a longrun', () => {
  const words = (...argv: string[]) => ({ form: 'argv' as const, argv: argv.map((word) => UTF8.encode(word)) });
  expect(refusalOf(withDefinition(JOB, { ...oneshot, up: words('a\0b') }))).not.toBe(null);
  expect(refusalOf(withDefinition(JOB, { ...oneshot, down: words('x'.repeat(7 * 1024 * 1024)) }))).not.toBe(null);
  expect(
    refusalOf(withDefinition(JOB, { ...oneshot, reload: { form: 'script', content: UTF8.encode('x') } })),
  ).not.toBe(null);
  expect(refusalOf(withDefinition(JOB, longrun()))).toContain('of two types');
});

const relation = (...targets: ServiceId[][]) => edgesFrom<ServiceId, ServiceId>(targets);

describe('a template that no compiler writes', () => {
  const { templates } = sound;
  const [index] = everyTemplate(templates);
  const written = templates.template(index!);
  const instances = (...ids: readonly ServiceId[]) => edgesFrom<TemplateIndex, ServiceId>([ids]);

  test.each<readonly [what: string, forged: Partial<TemplateTable> | { readonly as: Partial<Template> }]>([
    ['another name', { names: ['t'] }],
    ['a name that would lie elsewhere', { names: ['../t@'] }],
    ['a hidden one', { names: ['.t@'] }],
    ['no name', { names: ['@'] }],
    ['an instance of another', { instances: instances(A) }],
    ['an instance that is not there', { instances: instances(serviceId(9)) }],
    ['an unknown flag', { flags: Uint8Array.of(64) }],
    ['readiness that is not there', { flags: Uint8Array.of(FLAG.readiness) }],
    ['one instance for all', { as: { definition: { ...written.definition, instance: 'i' } } }],
    ['no instance', { as: { definition: { ...written.definition, instance: null } } }],
    ['a reference to nowhere', { as: { wants: ['../%i'] } }],
    ['a reference to nobody', { as: { dependencies: [{ name: '', onRestart: 'restart' }] } }],
    ['a pipeline that is elsewhere', { as: { pipelineName: '/' } }],
    ['a description of two lines', { as: { description: 'a\nb' } }],
    ['a file that would lie elsewhere', { as: { definition: { ...longrun(file('../x')), instance: '%i' } } }],
    ['a file that is private', { as: { definition: { ...longrun(file('data/x', 0o600)), instance: '%i' } } }],
    ['a logger that does nothing', { as: { logger: { ...PLAIN_LONGRUN, instance: '%i' } } }],
    ['a logger of another instance', { as: { logger: { ...longrun(), instance: 'j' } } }],
    [
      'a oneshot with a logger',
      { as: { definition: { ...oneshot, instance: '%i' }, logger: { ...longrun(), instance: '%i' } } },
    ],
  ])('%s', (_, forged) => {
    const changed = 'as' in forged ? { template: () => ({ ...written, ...forged.as }) } : forged;
    expect(refusalOf({ ...sound, templates: { ...templates, ...changed } })).not.toBe(null);
  });

  test('and one with a logger is sound', () => {
    const template = () => ({ ...written, logger: { ...longrun(), instance: '%i' } });
    expect(refusalOf({ ...sound, templates: { ...templates, template } })).toBe(null);
  });
});

describe('a graph that cannot be obeyed', () => {
  const none = relation([], [], []);
  const circle = relation([B], [A], []);

  test.each<readonly [what: string, columns: Partial<Database>]>([
    ['a circle', { needs: circle, neededBy: circle, needsOnRestart: new Uint8Array(2) }],
    ['a service that needs itself', { needs: relation([A], [], []), neededBy: relation([A], [], []) }],
    ['a circle of wants', { wants: circle, wantedBy: circle }],
    ['directions that disagree', { neededBy: none }],
    ['wants that disagree', { wants: relation([], [A], []) }],
    ['conflicts of one side', { conflicts: relation([JOB], [], []) }],
    ['a conflict with itself', { conflicts: relation([], [], [JOB]) }],
    ['a conflict with what it needs', { conflicts: relation([B], [A], []) }],
    ['a bundle of what conflicts', { conflicts: relation([JOB], [], [A]), bundleMembers: edgesFrom([[A, JOB]]) }],
    [
      'a producer that does not need its consumer',
      { producerFor: relation([], [A], []), consumerFor: relation([B], [], []) },
    ],
    ['two consumers', { producerFor: relation([B, JOB], [], []), consumerFor: relation([], [A], [A]) }],
    ['a flag of another type', { flags: Uint8Array.of(8, 0, 0) }],
    ['an unknown flag', { flags: Uint8Array.of(64, 0, 0) }],
    ['a description of two lines', { descriptions: ['a\nb', '', ''] }],
    ['another hash of its content', { contentHashes: new Uint8Array(96) }],
  ])('%s', (_, columns) => {
    expect(refusalOf({ ...sound, ...columns })).not.toBe(null);
  });
});
