/** What services write reaches the container's standard output and error in whole lines, whoever reads that, and rc-log. */
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, describe, expect, test } from 'vitest';
import { ContainerRig, canContain, type Source } from './rig.ts';

const LONG = 20_000;
const bundle = (...names: string[]) => ({
  type: 'bundle\n',
  ...Object.fromEntries(names.map((name) => [`contents.d/${name}`, ''])),
});
const longrun = (run: string) => ({ type: 'longrun\n', run: `#!/bin/sh\n${run}\nexec sleep 1000\n` });

/** What the container's standard output is: it cannot be opened again if it is a socket. Nobody reads the pipe until the file `read` is there. */
const SINKS = [
  { sink: 'socket', before: ':' },
  {
    sink: 'pipe',
    before: `mkfifo "$D/out"; { while [ ! -e "$D/read" ]; do sleep 0.05; done; exec cat; } <"$D/out" & exec >"$D/out"`,
  },
];

describe.runIf(canContain)('output', () => {
  let rig: ContainerRig;
  afterEach(() => rig.dispose());

  const start = (source: Source, options: readonly string[] = []) => {
    rig = new ContainerRig(source);
    return rig.start({ options });
  };

  test('goes to the stream that it was written to, once, and to rc-log', async () => {
    const container = start({
      default: bundle('web', 'prep'),
      web: longrun('echo to output; echo to errors >&2'),
      prep: { type: 'oneshot\n', up: 'sh -c "echo from prep; echo prep errs >&2"\n' },
    });
    await eventually('all four lines', () => (container.stdout + container.stderr).split('\n').length > 4);
    expect(container.stdout.split('\n').sort()).toEqual(['', 'from prep', 'to output']);
    expect(container.stderr.split('\n').sort()).toEqual(['', 'prep errs', 'to errors']);
    const log = rig.run('rc-log').stdout;
    for (const line of ['to output', 'to errors', 'from prep', 'prep errs']) expect(log).toContain(line);
  });

  test('with --prefix bears names, also each piece of a line of more than 8 KB, and a last line without an end', async () => {
    const container = start(
      {
        default: bundle('web', 'one'),
        web: longrun(`head -c ${LONG} /dev/zero | tr '\\0' x; echo; echo after`),
        one: { type: 'oneshot\n', up: 'printf unended\n' },
      },
      ['--prefix'],
    );
    await eventually(
      'the last lines',
      () => /web: after\n/.test(container.stdout) && container.stdout.includes('one: '),
    );
    const lines = container.stdout.split('\n');
    expect(lines).toContain('one: unended');
    const pieces = lines.filter((line) => line.startsWith('web: x'));
    expect(pieces.map((piece) => piece.length - 'web: '.length)).toEqual([8192, 8192, LONG - 2 * 8192]);
  });

  test.each(SINKS)('whole lines of many that write at once, in the order of each: $sink', async ({ before }) => {
    const names = ['a', 'b', 'c', 'd'];
    const many = 2000;
    const writer = (name: string) => longrun(`i=0; while [ $i -lt ${many} ]; do i=$((i+1)); echo ${name} $i end; done`);
    const services = Object.fromEntries(names.map((name) => [name, writer(name)]));
    rig = new ContainerRig({ default: bundle(...names), ...services });
    rig.say('read', '');
    const container = rig.start({ before });
    await eventually('all lines', () => container.stdout.split('\n').length > many * names.length);
    for (const name of names) {
      const own = container.stdout.split('\n').filter((line) => line.startsWith(name));
      expect(own).toEqual(Array.from({ length: many }, (_, index) => `${name} ${index + 1} end`));
    }
  });

  test.each(SINKS)(
    'a reader that does not read stops nobody, and is told how much is missing: $sink',
    async ({ before }) => {
      const loud =
        'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); echo line $i of many, none of which anybody reads; done; echo done >$D/loud';
      rig = new ContainerRig({ default: bundle('loud'), loud: longrun(loud) });
      const container = rig.start({ before, isRead: false });
      await rig.holds('loud', 'done');
      expect(rig.run('rc-status', '--check').status).toBe(0);
      container.read();
      rig.say('read', '');
      await eventually('how much is missing', () => /muster: \d+ lines are missing/.test(container.stdout));
      await container.signal('SIGTERM');
      expect(await container.status()).toBe(0);
    },
  );
});
