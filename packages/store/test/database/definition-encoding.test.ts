/** Definitions as bytes: one way to write each, and nothing else is read. */
import { PLAIN_LONGRUN } from '@muster/core/compile/longrun';
import type { Definition, FileEntry, Longrun, Oneshot } from '@muster/core/model/definition';
import { perLongrunSetting } from '@muster/core/model/longrun-settings';
import { decodeDefinition, definitionEncoding } from '@muster/store/database/definition-encoding';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAMAGES, randomFrom } from './damages.ts';

const UTF8 = new TextEncoder();
const encoded = (definition: Definition) => definitionEncoding.encode(definition).slice();

/** MessagePack by hand: a string is a short str, a number a byte. */
function bytesOf(...parts: readonly (string | number | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string' ? [0xa0 | UTF8.encode(part).length, ...UTF8.encode(part)] : part,
    ),
  );
}

const ONESHOT: Oneshot = {
  type: 'oneshot',
  up: { form: 'argv', argv: [UTF8.encode('mount'), Uint8Array.of(0xff)] },
  down: { form: 'argv', argv: [] },
  reload: { form: 'script', content: UTF8.encode('#!/bin/sh\n') },
  instance: null,
};

const run: FileEntry = { kind: 'file', path: 'run', mode: 0o755, content: UTF8.encode('#!x') };

test('a definition is a map of what it says, in an order that is fixed', () => {
  expect(encoded(ONESHOT)).toEqual(
    bytesOf(0x83, 'type', 'oneshot', 'up', 0x92, [0xc4, 5], [...UTF8.encode('mount')], [0xc4, 1, 0xff], 'reload', [
      0xc4,
      10,
      ...UTF8.encode('#!/bin/sh\n'),
    ]),
  );
  expect(encoded({ ...PLAIN_LONGRUN, files: [run], notificationFd: 3, process: { nice: -20 } })).toEqual(
    bytesOf(
      ...[0x84, 'type', 'longrun', 'files', 0x91, 0x83, 'path', 'run', 'mode', [0xcd, 0x01, 0xed], 'content'],
      ...[[0xc4, 3, ...UTF8.encode('#!x')], 'notification-fd', 3, 'process', 0x81, 'nice', 0xec],
    ),
  );
});

const text = fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => text.toWellFormed());
const anyText = fc.oneof(
  text,
  text.map((rest) => `\ufeff${rest}`),
  text.map((rest) => rest.repeat(40)),
);
const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 250, maxLength: 70_000 }));
const number = fc.oneof(fc.nat(0xff), fc.nat(0xffffffff), fc.constantFrom(0x7f, 0x80, 0xffff, 0x10000, 0xffffffff));
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const file: fc.Arbitrary<FileEntry> = fc.oneof(
  fc.record({ kind: fc.constant('file' as const), path: anyText, mode: number, content: bytes }),
  fc.record({ kind: fc.constant('directory' as const), path: anyText, mode: number }),
  fc.record({ kind: fc.constant('link' as const), path: anyText, target: anyText }),
);
const command = fc.oneof(
  fc.record({
    form: fc.constant('argv' as const),
    argv: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
  }),
  fc.record({ form: fc.constant('script' as const), content: bytes }),
);
const limits = fc
  .uniqueArray(fc.constantFrom('as', 'core', 'cpu', 'nofile', 'stack'))
  .chain((names) => fc.tuple(...names.sort().map((name) => fc.tuple(fc.constant(name), text))));
const settings = perLongrunSetting({
  number: () => orNull(number),
  duration: () => orNull(number),
  descriptor: () => orNull(number),
  signal: () => orNull(anyText),
  sequel: () => orNull(anyText),
  flag: () => fc.boolean(),
});
const longrun: fc.Arbitrary<Longrun> = fc.record({
  type: fc.constant('longrun' as const),
  files: fc.array(file, { maxLength: 20 }),
  ...settings,
  readyCheck: orNull(fc.record({ interval: number })),
  restart: fc.record({
    policy: fc.constantFrom('always' as const, 'on-failure' as const, 'never' as const),
    delayMin: fc.oneof(fc.constant(1000), number),
    delayMax: fc.oneof(fc.constant(1000), number),
    limit: orNull(fc.record({ count: number, window: number })),
    successCodes: fc.oneof(fc.constant(['0']), fc.array(anyText, { maxLength: 5 })),
  }),
  process: fc.record(
    {
      user: anyText,
      supplementaryGroups: fc.array(anyText, { maxLength: 20 }),
      workingDirectory: anyText,
      umask: number,
      nice: fc.integer({ min: -20, max: 19 }),
      limits,
    },
    { requiredKeys: [] },
  ),
  logger: orNull(
    fc.record({
      directory: anyText,
      size: number,
      keep: number,
      timestamp: fc.constantFrom('iso' as const, 'tai64n' as const, 'none' as const),
      prefix: anyText,
      mode: fc.oneof(fc.constant(0o640), number),
      link: orNull(anyText),
      select: fc.array(
        fc.record({ action: fc.constantFrom('include' as const, 'exclude' as const), pattern: anyText }),
        { maxLength: 5 },
      ),
    }),
  ),
  instance: orNull(anyText),
});
const oneshot: fc.Arbitrary<Oneshot> = fc.record({
  type: fc.constant('oneshot' as const),
  up: command,
  down: command,
  reload: orNull(command),
  instance: orNull(anyText),
});

test('what is decoded is what was encoded, and has the same bytes however its object was made', () => {
  fc.assert(
    fc.property(fc.oneof(longrun, oneshot), (definition) => {
      const once = encoded(definition);
      const decoded = decodeDefinition(once);
      expect(decoded).toEqual(definition);
      expect(Buffer.compare(encoded(decoded), once)).toBe(0);
      expect(Buffer.compare(encoded(reversed(definition) as Definition), once)).toBe(0);
    }),
    { numRuns: 500 },
  );
});

/** The same with the properties of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

const CORRUPTIONS = 100_000;
const SEED = Number(process.env.MUSTER_SEED ?? Date.now() % 2 ** 31);

test(`of ${CORRUPTIONS} damaged definitions each is refused, or is the only way to write another (MUSTER_SEED=${SEED})`, () => {
  const sound = encoded({
    ...PLAIN_LONGRUN,
    files: [run, { kind: 'link', path: 'x', target: '/etc' }],
    notificationFd: 3,
    timeoutKill: 70_000,
    downSignal: 'INT',
    restart: {
      policy: 'on-failure',
      delayMin: 200,
      delayMax: 60_000,
      limit: { count: 5, window: 60_000 },
      successCodes: ['0'],
    },
    process: { user: 'www', nice: -3, limits: [['nofile', '1024']] },
    instance: 'a',
  });
  const other = encoded(ONESHOT);
  const random = randomFrom(SEED);
  let read = 0;
  for (let i = 0; i < CORRUPTIONS; i++) {
    const from = i % 5 === 0 ? other : sound;
    const damaged = DAMAGES[i % DAMAGES.length]!(from, from === sound ? other : sound, random);
    const definition = decodedOrNull(damaged);
    if (definition === null) continue;
    read++;
    if (Buffer.compare(encoded(definition), damaged) !== 0) expect.fail(Buffer.from(damaged).toString('hex'));
  }
  // A bit of a script is as good as another one.
  expect(read).toBeGreaterThan(100);
  expect(read).toBeLessThan(CORRUPTIONS / 2);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

/** Null: it is refused, as it should be. */
function decodedOrNull(damaged: Uint8Array): Definition | null {
  try {
    return decodeDefinition(damaged);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}

const TYPE = ['type', 'longrun'] as const;
const LOT = 100_000;

describe('what no database has in it is refused', () => {
  test.each<readonly [what: string, bytes: Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['no map', bytesOf(0x91, 'longrun')],
    ['no type', bytesOf(0x80)],
    ['an unknown type', bytesOf(0x81, 'type', 'bundle')],
    ['a field of the other type', bytesOf(0x82, ...TYPE, 'up', [0xc4, 1, 0x78])],
    ['an unknown field', bytesOf(0x82, ...TYPE, 'colour', 'red')],
    ['a field twice', bytesOf(0x83, ...TYPE, 'lock-fd', 3, 'lock-fd', 4)],
    ['a type twice', bytesOf(0x82, ...TYPE, ...TYPE)],
    ['fields in another order', bytesOf(0x83, ...TYPE, 'lock-fd', 3, 'notification-fd', 3)],
    ['what is said by leaving it out', bytesOf(0x82, ...TYPE, 'files', 0x90)],
    ['nil', bytesOf(0x82, ...TYPE, 'lock-fd', 0xc0)],
    ['false', bytesOf(0x82, ...TYPE, 'flag-env', 0xc2)],
    ['an integer for a flag', bytesOf(0x82, ...TYPE, 'flag-env', 1)],
    ['true for an integer', bytesOf(0x82, ...TYPE, 'lock-fd', 0xc3)],
    ['a text for an integer', bytesOf(0x82, ...TYPE, 'lock-fd', '3')],
    ['an integer for a text', bytesOf(0x82, ...TYPE, 'down-signal', 2)],
    ['a negative integer', bytesOf(0x82, ...TYPE, 'lock-fd', 0xff)],
    ['an integer in two bytes where one is enough', bytesOf(0x82, ...TYPE, 'lock-fd', [0xcc, 3])],
    ['a signed one', bytesOf(0x82, ...TYPE, 'lock-fd', [0xd0, 3])],
    ['one of 64 bits', bytesOf(0x82, ...TYPE, 'lock-fd', [0xcf, 0, 0, 0, 0, 0, 0, 0, 3])],
    ['a signed one of 64 bits', bytesOf(0x82, ...TYPE, 'lock-fd', [0xd3, 0xff, 0, 0, 0, 0, 0, 0, 3])],
    ['a float', bytesOf(0x82, ...TYPE, 'lock-fd', [0xca, 0x40, 0x40, 0, 0])],
    ['a float that is an integer', bytesOf(0x82, ...TYPE, 'lock-fd', [0xcb, 0x40, 8, 0, 0, 0, 0, 0, 0])],
    ['not a number', bytesOf(0x82, ...TYPE, 'lock-fd', [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0])],
    ['less than nothing', bytesOf(0x82, ...TYPE, 'lock-fd', [0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0])],
    ['a text that is longer than it must be', bytesOf(0x81, 'type', [0xd9, 7, ...UTF8.encode('longrun')])],
    ['a map that is larger than it must be', bytesOf([0xde, 0, 1], ...TYPE)],
    ['no UTF-8', bytesOf(0x82, ...TYPE, 'instance', [0xa1, 0xff])],
    ['half of a character', bytesOf(0x82, ...TYPE, 'instance', [0xa3, 0xed, 0xa0, 0x80])],
    ['a long text that is no UTF-8', bytesOf(0x82, ...TYPE, 'instance', [0xd9, 80, ...new Array(80).fill(0xc0)])],
    ['a text as a bin', bytesOf(0x82, ...TYPE, 'instance', [0xc4, 1, 0x61])],
    ['a byte order mark in a text', bytesOf(0x82, ...TYPE, 'instance', '\ufeffa')],
    ['a text as a script', bytesOf(0x82, 'type', 'oneshot', 'up', '#!/bin/sh')],
    ['a word that is a text', bytesOf(0x82, 'type', 'oneshot', 'up', 0x91, 'true')],
    ['a file without a mode', bytesOf(0x82, ...TYPE, 'files', 0x91, 0x81, 'path', 'run')],
    ['a link with a mode', bytesOf(0x82, ...TYPE, 'files', 0x91, 0x83, 'path', 'x', 'mode', 1, 'target', 'y')],
    ['a niceness below all', bytesOf(0x82, ...TYPE, 'process', 0x81, 'nice', 0xeb)],
    ['__proto__', bytesOf(0x82, ...TYPE, '__proto__', 0x81, 'polluted', 0xc3)],
    ['__proto__ among limits', bytesOf(0x82, ...TYPE, 'process', 0x81, 'limits', 0x81, '__proto__', '1')],
    ['the constructor', bytesOf(0x82, ...TYPE, 'constructor', 0x81, 'prototype', 0x81, 'polluted', 0xc3)],
    ['toString', bytesOf(0x82, ...TYPE, 'toString', 1)],
    ['a number for a key', bytesOf(0x82, ...TYPE, 0, 1)],
    ['bytes after its end', bytesOf(0x81, ...TYPE, 0)],
    ['an extension', bytesOf(0x82, ...TYPE, 'lock-fd', [0xd4, 1, 1])],
    ['a timestamp', bytesOf(0x82, ...TYPE, 'lock-fd', [0xd6, 0xff, 0, 0, 0, 1])],
    ["the library's undefined", bytesOf(0x82, ...TYPE, 'lock-fd', [0xd4, 0, 0])],
    ["the library's record", bytesOf([0xd4, 0x72, 0x40], 0x91, 'type', 'longrun')],
    ["the library's record, used", bytesOf(0x92, [0xd4, 0x72, 0x40], 0x91, 'a', 1, 0x40)],
    ["the library's reference to itself", bytesOf([0xd6, 0x69, 0, 0, 0, 1], 0x81, 'a', [0xd6, 0x70, 0, 0, 0, 1])],
    ["the library's bundle of texts", bytesOf([0xd6, 0x62, 0, 0, 0, 1], 0x81, 0xc1, 1)],
    ["the library's regular expression", bytesOf(0x82, ...TYPE, 'lock-fd', [0xc7, 0, 0x78], 0x92, '(a*)*', '')],
    ["the library's error", bytesOf(0x82, ...TYPE, 'lock-fd', [0xd4, 0x65, 0], 0x92, 'Error', 'x')],
    ['the byte that is never used', bytesOf(0x82, ...TYPE, 'lock-fd', 0xc1)],
    ['arrays in arrays', new Uint8Array(LOT).fill(0x91)],
    ['maps in maps', Uint8Array.from({ length: LOT }, (_, i) => (i % 2 === 0 ? 0x81 : 0x01))],
    ['an array of 4 G', bytesOf(0x82, ...TYPE, 'files', [0xdd, 0xff, 0xff, 0xff, 0xff])],
    ['a map of 4 G', bytesOf([0xdf, 0xff, 0xff, 0xff, 0xff], ...TYPE)],
    ['a text of 4 G', bytesOf(0x82, ...TYPE, 'instance', [0xdb, 0xff, 0xff, 0xff, 0xff])],
    ['a bin of 4 G', bytesOf(0x82, 'type', 'oneshot', 'up', [0xc6, 0xff, 0xff, 0xff, 0xff])],
    ['a map of many', bytesOf([0xdf, 0, 0, 0xff, 0xff], new Array(LOT).fill(1))],
  ])('%s', (_, bytes) => {
    expect(decodedOrNull(bytes)).toBe(null);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    // Nothing of it is left for the next one.
    expect(decodedOrNull(encoded(ONESHOT))).toEqual(ONESHOT);
  });
});
