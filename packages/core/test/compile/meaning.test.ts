/** What each file of a definition means, for the files that s6-rc does not know. */
import { FLAG, ON_DEPENDENCY_RESTART, ON_UPDATE } from '@muster/core/model/database';
import { expect, test } from 'vitest';
import { compileFiles } from './sources.ts';
import { compiled, definition, longrun, names, oneshot, RUN } from './written.ts';

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
      'success-codes': '# as it may\nsigterm, 03\n0 3\n',
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
    restart: {
      policy: 'on-failure',
      delayMin: 200,
      delayMax: 60_000,
      limit: { count: 5, window: 60_000 },
      successCodes: ['0', '3', 'TERM'],
    },
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
    mode: 0o640,
    link: null,
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

test('an up with the shebang of a shell, or an executable one with any but that of execlineb, is a script', () => {
  const script = '#!/bin/sh\necho "$RC_NAME"\n';
  const database = compiled(
    oneshot('a', { 'up*': script, down: script }),
    oneshot('c', { up: '#!/usr/bin/env -S bash -e\ntrue\n', down: '#!/bin/busybox ash\ntrue\n' }),
    oneshot('d', { up: '#!/usr/bin/python3\ntrue\n', 'down*': '#!/usr/bin/python3\npass\n' }),
    oneshot('e', { 'up*': '#!/command/with-contenv sh\ntrue\n', down: '# !/bin/sh\ntrue\n' }),
    oneshot('b', { 'up*': '#!/usr/bin/execlineb -P\ntrue\n' }),
  );
  expect(definition(database, 'a').up).toEqual({ form: 'script', content: new TextEncoder().encode(script) });
  const forms = (name: string) => [definition(database, name).up?.form, definition(database, name).down?.form];
  expect(forms('a')).toEqual(['script', 'script']);
  expect(forms('c')).toEqual(['script', 'script']);
  expect(forms('d')).toEqual(['argv', 'script']);
  expect(forms('e')).toEqual(['script', 'argv']);
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
