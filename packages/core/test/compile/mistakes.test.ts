/** What the compiler says of definitions that are wrong, where each file alone is right. */
import { expect, test } from 'vitest';
import { compileFiles } from './sources.ts';
import { compiled, longrun, oneshot } from './written.ts';

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

test('a column counts characters, not bytes', () => {
  const { diagnostics } = compileFiles(oneshot('a', { up: 'true\necho 日本 ü 🚀 "x' }));
  expect(diagnostics.map(({ at }) => [at!.line, at!.column])).toEqual([[2, 13]]);
});

test('what an essential service needs is said once, however much it is', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const { diagnostics } = compileFiles({
    ...Object.assign({}, ...names.map((name) => oneshot(name))),
    ...oneshot('x', { 'flag-essential': '', 'dependencies.d/all': '' }),
    ...oneshot('y', { 'flag-essential': '', 'dependencies.d/a': '', 'dependencies.d/b': '' }),
    ...oneshot('z', { 'flag-essential': '', 'dependencies.d/a': '' }),
    'all/type': 'bundle',
    'all/contents': names.join('\n'),
    'top/type': 'bundle',
    'top/contents': 'x\ny\nz\n',
  });
  expect(diagnostics.map(({ message, at }) => `${at!.file}: ${message}`)).toEqual([
    'source/x/dependencies.d/all: x is essential, and needs a, b, c and 2 more, which are not',
    'source/y/dependencies.d/a: y is essential, and needs a and b, which are not',
    'source/z/dependencies.d/a: z is essential, and needs a, which is not',
  ]);
});

test('a misspelt type is taken for what it resembles, to find the other mistakes in the same run', () => {
  const { database, diagnostics } = compileFiles({
    'seed/type': 'onshot\n',
    'seed/up': 'true',
    'seed/dependencies.d/ghost': '',
    'seed/timeout-up': 'soon',
    'web/type': 'daemon\n',
    'web/dependencies.d/seed': '',
  });
  expect(database).toBeUndefined();
  expect(diagnostics.map(({ code, at }) => `${code} ${at!.file}`).sort()).toEqual([
    'RC1001 source/seed/dependencies.d/ghost',
    'RC1011 source/seed/type',
    'RC1011 source/web/type',
    'RC1020 source/seed/timeout-up',
  ]);
});
