/** A tree that adopts more processes than it has descriptors to spare looks after the others by their start times. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkTarget, namesIn } from '@muster/posix/absence';
import { eventually } from '@muster/posix/test/eventually';
import { decodeStatus } from '@muster/protocol/s6/status';
import { musterCommand, supervise } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, expect, test } from 'vitest';

const SERVICES = 30;
/** What the tree keeps free of pidfds is 256 of them. */
const DESCRIPTORS = 300;

const [program, args] = musterCommand('svscan');
const limitedTo = (descriptors: number) => ({
  name: 'rc-svscan with few descriptors',
  missing: null,
  start: (scandir: string) =>
    supervise('sh', ['-c', `ulimit -n ${descriptors} && exec "$@" '${scandir}'`, 'sh', program, ...args], scandir),
});

let stage: Stage;
afterEach(() => stage.down());

test('every death is noticed, also without a pidfd', async () => {
  stage = new Stage(limitedTo(DESCRIPTORS));
  const { rig } = stage;
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  for (const name of names) rig.add(name, { files: { 'restart-delay': '0\n' }, run: 'exec sleep 100000' });
  const pidOf = (name: string) => {
    const path = join(rig.directory(name), 'supervise/status');
    return existsSync(path) ? decodeStatus(readFileSync(path))!.pid : 0;
  };
  await stage.up(...names);
  for (const name of names) await rig.told('run', name);
  await eventually('all are known', () => names.every((name) => pidOf(name) > 0));
  const before = new Map(names.map((name) => [name, pidOf(name)]));
  await stage.again();
  for (const name of names) await stage.answers(name);
  expect(new Map(names.map((name) => [name, pidOf(name)]))).toEqual(before);
  expect(pidfds(stage.supervision.pid)).toBeLessThan(SERVICES);
  for (const pid of before.values()) process.kill(pid, 'SIGKILL');
  for (const name of names) await rig.told('run', name, 2);
  await eventually('all are known again', () => names.every((name) => ![0, before.get(name)].includes(pidOf(name))));
});

test('more services than there are descriptors for: those that run are restarted, and adopted, none is started twice', async () => {
  stage = new Stage(limitedTo(120));
  const { rig } = stage;
  const names = Array.from({ length: 60 }, (_, index) => `s${index}`);
  for (const name of names) rig.add(name, { files: { 'restart-delay': '0\n' }, run: 'exec sleep 100000' });
  // One that is refused is tried again, and told again, after a while.
  const refused = () =>
    new Set(
      Array.from(stage.supervision.messages().matchAll(/(s\d+): unable to supervise: .*EMFILE/g), ([, name]) => name!),
    );
  const started = () => new Set(rig.journal('run').map(({ name }) => name));
  const areAllKnown = () => refused().size > 0 && new Set([...refused(), ...started()]).size === names.length;
  await stage.up();
  await eventually('each is supervised or refused', areAllKnown);
  const runs = rig.journal('run');
  await stage.again();
  await eventually('it is told again', areAllKnown);
  const victim = runs[0]!;
  await stage.answers(victim.name);
  process.kill(victim.pid, 'SIGKILL');
  await rig.told('run', victim.name, 2);
  expect(rig.journal('run')).toHaveLength(runs.length + 1);
});

function pidfds(pid: number): number {
  const directory = `/proc/${pid}/fd`;
  return namesIn(directory).filter((fd) => linkTarget(join(directory, fd)) === 'anon_inode:[pidfd]').length;
}
