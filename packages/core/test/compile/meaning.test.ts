/** What each file of a definition means, for the files that s6-rc does not know. */
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, FLAG, ON_DEPENDENCY_RESTART, ON_UPDATE } from '@muster/core/model/database';
import type { Longrun, Oneshot } from '@muster/core/model/definition';
import { expect, test } from 'vitest';
import { compileFiles } from './sources.ts';

const RUN = '#!/bin/sh\nexec sleep 1000\n';

function longrun(name: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  return prefixed(name, { type: 'longrun\n', run: RUN, ...files });
}

function oneshot(name: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  return prefixed(name, { type: 'oneshot\n', up: 'true\n', ...files });
}

function prefixed(name: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text]));
}

function compiled(...parts: readonly Readonly<Record<string, string>>[]): Database {
  const { database, diagnostics } = compileFiles(Object.assign({}, ...parts));
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return database!;
}

function names(
  database: Database,
  edges: keyof Database & ('needs' | 'wants' | 'after' | 'before' | 'conflicts' | 'producerFor' | 'consumerFor'),
  of: string,
): string[] {
  return Array.from(targetsOf(database[edges], database.names.indexOf(of)), (id) => database.names[id]!);
}

function definition(database: Database, name: string): Partial<Omit<Longrun, 'type'>> & Partial<Omit<Oneshot, 'type'>> {
  return database.definition(database.names.indexOf(name)) as Partial<Omit<Longrun, 'type'>> &
    Partial<Omit<Oneshot, 'type'>>;
}

test('wants, orders and conflicts, through bundles too', () => {
  const database = compiled(
    longrun('web', { 'wants.d/extras': '', 'after.d/clock': '', 'before.d/proxy': '' }),
    longrun('ntpd', { 'conflicts.d/chronyd': '' }),
    longrun('chronyd'),
    longrun('clock'),
    longrun('proxy'),
    { 'extras/type': 'bundle', 'extras/contents': 'clock\nweb\n' },
  );
  expect(names(database, 'wants', 'web')).toEqual(['clock']);
  expect(names(database, 'after', 'web')).toEqual(['clock']);
  expect(names(database, 'after', 'proxy')).toEqual(['web']);
  expect(names(database, 'before', 'web')).toEqual(['proxy']);
  expect(names(database, 'conflicts', 'chronyd')).toEqual(['ntpd']);
});

test('a dependency may say what a restart of the other one means', () => {
  const database = compiled(
    longrun('web', { 'dependencies.d/a': 'reload\n', 'dependencies.d/b': 'ignore', 'dependencies.d/set': '' }),
    longrun('a'),
    longrun('b'),
    longrun('c'),
    {
      'set/type': 'bundle',
      'set/contents': 'b\nc\n',
    },
  );
  const words = Array.from(database.needsOnRestart, (word) => ON_DEPENDENCY_RESTART[word]);
  expect(names(database, 'needs', 'web')).toEqual(['a', 'b', 'c']);
  expect(words, 'through the bundle b is needed without a word').toEqual(['reload', 'restart', 'restart']);
});

test('manual, console, and what an update does', () => {
  const database = compiled(
    longrun('by-flag', { 'flag-manual': '' }),
    longrun('by-down', { down: '' }),
    longrun('plain', { 'on-update': 'reload\n' }),
    oneshot('asks', { 'flag-console': '' }),
  );
  const flags = new Map(database.names.map((name, id) => [name, database.flags[id]]));
  expect(flags).toEqual(
    new Map([
      ['asks', FLAG.console],
      ['by-down', FLAG.manual],
      ['by-flag', FLAG.manual],
      ['plain', 0],
    ]),
  );
  expect(Array.from(database.onUpdate, (word) => ON_UPDATE[word])).toEqual(['keep', 'restart', 'restart', 'reload']);
});

test('description and earlier names', () => {
  const database = compiled(longrun('web', { description: ' the site \n', 'renamed-from': 'www\n# old\nhttpd\n' }));
  expect(database.descriptions).toEqual(['the site']);
  expect(database.renamedFrom).toEqual([['www', 'httpd']]);
});

test('readiness, restarts and process attributes', () => {
  const database = compiled(
    longrun('web', {
      'ready-check': RUN,
      'ready-after': '2000\n',
      restart: 'on-failure\n',
      'restart-delay': '200..1m\n',
      'restart-limit': '5/60s\n',
      user: 'www-data\n',
      'supplementary-groups': 'adm, log\nssl\n',
      'working-directory': '/srv\n',
      umask: '027\n',
      nice: '-5\n',
      limits: 'nofile 1024:4096\n# none\ncore unlimited\n',
      'flag-env': '',
      'down-signal': 'sigint\n',
      'reload-signal': '1\n',
    }),
  );
  expect(definition(database, 'web')).toMatchObject({
    readyCheck: { interval: 250 },
    readyAfter: 2000,
    restart: { policy: 'on-failure', delayMin: 200, delayMax: 60_000, limit: { count: 5, window: 60_000 } },
    process: {
      user: 'www-data',
      supplementaryGroups: ['adm', 'log', 'ssl'],
      workingDirectory: '/srv',
      umask: 0o027,
      nice: -5,
      limits: [
        ['core', 'unlimited'],
        ['nofile', '1024:4096'],
      ],
    },
    loadEnvironment: true,
    downSignal: 'INT',
    reloadSignal: '1',
  });
});

test('a log file makes a logger that the service produces for', () => {
  const log =
    'dir /var/log/web\nsize 64k\nkeep 3\ntimestamp tai64n\nprefix web:\nexclude ^debug\ninclude ^debug: keep\n';
  const database = compiled(longrun('web', { log, 'flag-essential': '' }));
  expect(database.names).toEqual(['web', 'web-log']);
  expect(names(database, 'producerFor', 'web')).toEqual(['web-log']);
  expect(names(database, 'consumerFor', 'web-log')).toEqual(['web']);
  expect(names(database, 'needs', 'web')).toEqual(['web-log']);
  expect(database.flags).toEqual(Uint8Array.of(FLAG.essential, FLAG.essential));
  expect(definition(database, 'web-log').logger).toEqual({
    directory: '/var/log/web',
    size: 65_536,
    keep: 3,
    timestamp: 'tai64n',
    prefix: 'web:',
    select: [
      { action: 'exclude', pattern: '^debug' },
      { action: 'include', pattern: '^debug: keep' },
    ],
  });
});

test('a log directory with a run becomes a service of its own', () => {
  const database = compiled(longrun('web', { 'log/run': '#!/bin/sh\nexec cat\n', 'log/notification-fd': '3\n' }));
  expect(names(database, 'producerFor', 'web')).toEqual(['web-log']);
  expect(definition(database, 'web-log')).toMatchObject({ notificationFd: 3, logger: null });
});

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

test('a logger is as essential as what it logs, through a bundle too', () => {
  const { database, diagnostics } = compileFiles({
    ...longrun('web', { log: 'dir /var/log/web' }),
    'all/type': 'bundle',
    'all/contents': 'web\n',
    'all/flag-essential': '',
  });
  expect(diagnostics).toEqual([]);
  expect(database!.flags).toEqual(Uint8Array.of(FLAG.essential, FLAG.essential));
});

test('a name has at most as many bytes as that of a file, and so has that of its logger', () => {
  const long = '日'.repeat(84);
  const log = { log: 'dir /var/log/x' };
  expect(compiled(longrun(`${long}日`), longrun(long.slice(1), log)).names).toHaveLength(3);
  const { diagnostics } = compileFiles({
    ...longrun(`${long}`, log),
    'b/type': 'bundle',
    'b/contents': 'x'.repeat(100_000),
  });
  expect(diagnostics.map(({ code, at }) => `${code} ${at!.file}`)).toEqual([
    'RC1031 source/b/contents',
    `RC1031 source/${long}/log`,
  ]);
  expect(JSON.stringify(diagnostics).length).toBeLessThan(2000);
});

test('an executable up with a shebang for anything but execlineb is a script', () => {
  const script = '#!/bin/sh\necho "$RC_NAME"\n';
  const database = compiled(
    oneshot('a', { 'up*': script, down: script }),
    oneshot('b', { 'up*': '#!/usr/bin/execlineb -P\ntrue\n' }),
  );
  expect(definition(database, 'a').up).toEqual({ form: 'script', content: new TextEncoder().encode(script) });
  expect(definition(database, 'a').down?.form).toBe('argv');
  expect(definition(database, 'b').up?.form).toBe('argv');
});

test('the content hash is that of the definition, without dependencies, flags and timeouts', () => {
  const hashes = (files: Readonly<Record<string, string>>) => {
    const { contentHashes } = compiled(longrun('web', files), longrun('x'));
    return Buffer.from(contentHashes.subarray(0, 32)).toString('hex');
  };
  const plain = hashes({});
  expect(hashes({ 'dependencies.d/x': '', 'flag-essential': '', 'timeout-up': '5', description: 'x' })).toBe(plain);
  expect(hashes({ finish: RUN })).not.toBe(plain);
  expect(hashes({ 'data/x': '' })).not.toBe(plain);
  expect(hashes({ 'notification-fd': '3' })).not.toBe(plain);
});

test('bundles in bundles in bundles take no more time than what they hold', () => {
  const files = new Map<string, string>(Object.entries(longrun('web')));
  for (let i = 0; i < 5_000; i++) {
    files.set(`set${i}/type`, 'bundle');
    files.set(`set${i}/contents`, i === 0 ? 'web' : `set${i - 1}`);
  }
  const { database } = compileFiles(files);
  expect(database!.bundleMembers.targets).toHaveLength(5_000);
});

test('bundles that hold more than there is room for are refused', () => {
  const files = new Map<string, string>();
  for (let i = 0; i < 6_400; i++) {
    files.set(`s${i}/type`, 'oneshot');
    files.set(`s${i}/up`, '');
    files.set(`set${i}/type`, 'bundle');
    files.set(`set${i}/contents`, i === 0 ? 's0' : `set${i - 1}\ns${i}`);
  }
  const { database, diagnostics } = compileFiles(files);
  expect(database).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(['RC1065']);
});

test('services that refer to more through bundles than there is room for are refused, once', () => {
  const files = new Map<string, string>([['all/type', 'bundle']]);
  let contents = '';
  for (let i = 0; i < 5_000; i++) {
    contents += `s${i}\n`;
    for (const name of [`s${i}`, `t${i}`]) files.set(`${name}/type`, 'oneshot').set(`${name}/up`, '');
    files.set(`t${i}/dependencies`, 'all');
  }
  const { database, diagnostics } = compileFiles(files.set('all/contents', contents));
  expect(database).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(['RC1065']);
});

test('a conflict is found wherever both are needed, where they meet first', () => {
  const { diagnostics } = compileFiles({
    ...oneshot('top', { 'dependencies.d/both': '' }),
    ...oneshot('both', { 'dependencies.d/left': '', 'dependencies.d/right': '' }),
    ...oneshot('left', { 'dependencies.d/ntpd': '' }),
    ...oneshot('right', { 'dependencies.d/chronyd': '' }),
    ...oneshot('ntpd', { 'conflicts.d/chronyd': '', 'wants.d/clock': '' }),
    ...oneshot('chronyd', { 'dependencies.d/clock': '' }),
    ...oneshot('clock', { 'conflicts.d/chronyd': '', 'conflicts.d/clock': '' }),
  });
  expect(diagnostics.map(({ code, message, at }) => `${code} ${at!.file}: ${message}`)).toEqual([
    'RC1070 source/both: both needs chronyd and ntpd, which conflict',
    'RC1070 source/clock/conflicts.d/chronyd: chronyd needs clock, and conflicts with it',
    'RC1070 source/clock/conflicts.d/clock: clock conflicts with itself',
  ]);
});

test('thousands of conflicts along a chain are looked at together', () => {
  const files = new Map<string, string>();
  for (let i = 0; i < 10_000; i++) {
    files.set(`s${i}/type`, 'oneshot').set(`s${i}/up`, '');
    if (i > 0) files.set(`s${i}/conflicts.d/s${i - 1}`, '');
    if (i > 1) files.set(`s${i}/dependencies`, `s${i - 2}`);
  }
  const { database } = compileFiles(files);
  expect(database!.conflicts.targets).toHaveLength(2 * 9_999);
});

test('what a broken definition refers to is looked at in the same run', () => {
  const { database, diagnostics } = compileFiles({
    'web/type': 'longrun\n',
    'web/dependencies.d/ghost': '',
    'seed/type': 'oneshot\n',
    'seed/up': 'echo {\n',
    'seed/dependencies.d/web': '',
    'web/dependencies.d/seed': '',
  });
  expect(database).toBeUndefined();
  expect(diagnostics.map(({ code }) => code).sort()).toEqual(['RC1001', 'RC1004', 'RC1012', 'RC1051']);
});

test('who has a consumer already is not asked to take another one', () => {
  const { diagnostics } = compileFiles({
    ...longrun('a', { 'producer-for': 'b' }),
    ...longrun('b', { 'consumer-for': 'a' }),
    ...longrun('c', { 'consumer-for': 'a\nd' }),
    ...longrun('d', { log: 'dir /var/log/d' }),
  });
  expect(diagnostics.map(({ notes, hint }) => [notes[0]!.message, notes[0]!.at!.file, hint])).toEqual([
    [
      'a produces for b',
      'source/a/producer-for',
      'a producer has one consumer: remove this line, or change source/a/producer-for',
    ],
    ['d produces for d-log', 'source/d/log', 'a producer has one consumer: remove this line, or change source/d/log'],
  ]);
});

test('the way out of a ring of pipes is another one than that of a circle of needs', () => {
  const ring = {
    ...longrun('a', { 'producer-for': 'b', 'consumer-for': 'b' }),
    ...longrun('b', { 'producer-for': 'a', 'consumer-for': 'a' }),
  };
  expect(compileFiles(ring).diagnostics.map(({ hint }) => hint)).toEqual([
    'a pipeline has an end: remove one of these names',
  ]);
});

test('of a log directive that is said twice neither is taken in silence', () => {
  const { diagnostics } = compileFiles(longrun('a', { log: 'dir /a\nexclude x\nexclude y\ndir /b\nkeep 1\nkeep 1' }));
  expect(diagnostics.map(({ code, message, at }) => `${code} ${at!.line}: ${message}`)).toEqual([
    'RC1026 4: dir is said twice',
    'RC1026 6: keep is said twice',
  ]);
});

test('limits that contradict themselves, and files that mean nothing alone', () => {
  const { diagnostics } = compileFiles(
    longrun('a', {
      limits: 'nofile 10:5\ncore unlimited:1\nas 5 6\nstack 1\nstack 2\nrss :\ncpu 5:\nfsize :unlimited\n',
      'ready-check-interval': '100',
      wants: 'b',
    }),
  );
  expect(diagnostics.map(({ message, at, hint }) => `${at!.line ?? 0}: ${message} (${hint})`)).toEqual([
    '1: the limit of nofile has a soft limit above the hard one, and it says "10:5" (for instance: nofile 1024:4096, or nofile unlimited)',
    '2: the limit of core has a soft limit above the hard one, and it says "unlimited:1" (for instance: core 1024:4096, or core unlimited)',
    '3: the limit of as must be SOFT or SOFT:HARD, and it says "5 6" (for instance: as 1024:4096, or as unlimited)',
    '5: the limit of stack is said twice (remove one of the two lines)',
    '6: the limit of rss must be SOFT or SOFT:HARD, and it says ":" (for instance: rss 1024:4096, or rss unlimited)',
    '0: ready-check-interval means nothing without ready-check (write the script ready-check, which exits 0 when the daemon is ready, or remove this file)',
    '0: nothing reads "wants" (did you mean wants.d?)',
  ]);
});

test('an interpreter that the kernel would not find', () => {
  const { diagnostics } = compileFiles({
    ...longrun('a', { run: '#!sh\n' }),
    ...longrun('b', { run: '#!\nexec x\n' }),
  });
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'RC2023 sh, which executes run, is no absolute path',
    'RC2021 run does not say what executes it',
  ]);
});
