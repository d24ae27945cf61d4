/** Every name that the compiler admits can be lived with: as long as that of a file, and full of what is escaped somewhere. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { expect, test } from 'vitest';
import { statusOf } from './seen-by-commands.ts';
import { kindsHere, type Source, SupervisedMachine } from './supervisors.ts';

const LONGEST = 255;

/** Fills up to `length` bytes. */
function long(start: string, filler: string, length: number): string {
  const count = Math.floor((length - Buffer.byteLength(start)) / Buffer.byteLength(filler));
  const name = start + filler.repeat(count);
  return name + '_'.repeat(length - Buffer.byteLength(name));
}

function namesOfLength(length: number): string[] {
  return [
    long('a', 'x', length),
    long('b', '%', length),
    long('c', '%2F', length),
    long('d', '%25', length),
    long('e', 'é', length),
    long('f', ' :', length),
    long('g', '\t', length),
    long('h', "'", length),
    long('-i', '\\', length),
  ];
}

const NAMES = [...[250, 251, 252, 253, 254, LONGEST].flatMap(namesOfLength), '%', '%%%', '%2F', 'log', 'a b', '%zz'];
/** The logger's name has four bytes more. */
const LOGGED = long('logged', '%', LONGEST - '-log'.length);

function source(): Source {
  const loud = { type: 'longrun\n', run: '#!/bin/sh\necho daemon; echo error >&2\nexec sleep 1000000\n' };
  const once = { type: 'oneshot\n', up: 'echo script\n' };
  const logger = { 'log/run': '#!/bin/sh\nexec cat >/dev/null\n' };
  return {
    ...Object.fromEntries(NAMES.map((name, at) => [name, at % 2 === 0 ? loud : once])),
    [LOGGED]: { ...loud, ...logger },
  };
}

test('under the embedded tree', async () => {
  const site = new SupervisedMachine('embedded', source);
  const { machine } = site;
  try {
    await site.boot();
    const all = [...NAMES, LOGGED];
    machine.must('rc-change', '--', ...all);
    const pids = () => [...statusOf(machine).values()].map(({ name, pid }) => [name, pid]);
    const states = () => new Set([...statusOf(machine).values()].map(({ state }) => state));
    expect(states()).toEqual(new Set(['up']));
    for (const [at, name] of NAMES.entries()) {
      await eventually(`the lines of ${name}`, () =>
        machine.must('rc-log', '--', name).includes(at % 2 === 0 ? 'daemon' : 'script'),
      );
    }
    const before = pids();
    const tree = machine.processes().find(({ command }) => / svscan /.test(command))!;
    process.kill(tree.pid, 'SIGKILL');
    for (const name of all.slice(0, 20)) rmSync(join(machine.live, 'scan', name), { force: true });
    const down = all.filter((_, at) => at % 3 === 0);
    machine.must('rc-init');
    expect(pids()).toEqual(before);
    machine.must('rc-change', '-d', '--', ...down);
    for (const name of down) rmSync(join(machine.live, 'services', name), { recursive: true });
    machine.must('rc-init');
    machine.must('rc-change', '--', ...all);
    expect(states()).toEqual(new Set(['up']));
    for (const name of all) writeFileSync(join(machine.source, name, 'timeout-up'), '60000\n');
    writeFileSync(join(machine.source, NAMES[0]!, 'run'), '#!/bin/sh\necho another\nexec sleep 1000001\n');
    rmSync(join(machine.source, NAMES[1]!), { recursive: true });
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-update');
    await eventually('its new lines', () => machine.must('rc-log', '--', NAMES[0]!).includes('another'));
    expect(states()).toEqual(new Set(['up']));
    machine.must('rc-shutdown');
  } finally {
    site.dispose();
  }
});

const others = kindsHere().filter((kind) => kind !== 'embedded');

test.each(others)('under %s, what is too long for its scandir is refused, and what is not runs', async (kind) => {
  const site = new SupervisedMachine(kind, source);
  const { machine } = site;
  try {
    machine.must('rc-compile', machine.source, machine.compiled);
    site.startTree();
    await expect(site.init()).rejects.toThrow('too long for names in a scandir');
    for (const name of [...NAMES, LOGGED])
      if (Buffer.byteLength(name) > 246) rmSync(join(machine.source, name), { recursive: true });
    const longest = long('z', '%', 250);
    machine.must('mkdir', join(machine.source, longest));
    writeFileSync(join(machine.source, longest, 'type'), 'longrun\n');
    writeFileSync(join(machine.source, longest, 'run'), '#!/bin/sh\nexec sleep 1000000\n');
    machine.must('rc-compile', machine.source, machine.compiled);
    await site.init();
    machine.must('rc-change', '--', longest, '%', '%zz');
    expect(statusOf(machine).get(longest)?.state).toBe('up');
    machine.must('rc-init');
    machine.must('rc-shutdown');
  } finally {
    await site.killEverything();
    site.dispose();
  }
});
