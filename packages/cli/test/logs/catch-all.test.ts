/** What services without a logger write. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastEntries } from '@muster/control/logs/log-files';
import { makeFifo, writeFifo } from '@muster/posix/fifo';
import { eventually } from '@muster/posix/test/eventually';
import { labelled } from '@muster/protocol/logs/label';
import { archives } from '@muster/protocol/logs/log-directory';
import { embeddedWith } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { Rig } from '@muster/protocol/test/rig';
import { afterEach, expect, test } from 'vitest';

let stage: Stage;
afterEach(() => stage.down());

function begin(): { stage: Stage; caught: string } {
  const rig = new Rig();
  const caught = join(rig.root, 'catch-all');
  // What a live directory needs besides.
  for (const directory of ['oneshots', 'services']) mkdirSync(join(rig.root, directory));
  makeFifo(join(rig.root, 'oneshots/control'), 0o600);
  stage = new Stage(embeddedWith('--live', rig.root, '--catch-all'), rig);
  return { stage, caught };
}

const lines = (directory: string) =>
  (existsSync(join(directory, 'current')) ? readFileSync(join(directory, 'current'), 'utf8') : '')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\S+Z /, ''));

test('is kept with its service and time, lines whole', async () => {
  const { stage, caught } = begin();
  const { rig } = stage;
  rig.add('a: b', { run: "printf 'hel'; printf 'lo\\nwithout end' >&2; exit 0", files: { down: '' } });
  await stage.up('a: b');
  stage.svc('a: b', '-wD', '-o');
  await eventually('its lines', () => lines(caught).length === 2);
  expect(lines(caught)).toEqual(['a%3A%20b: hello', 'a%3A%20b: without end']);
});

test('waits in its FIFO while there is no tree', async () => {
  const { stage, caught } = begin();
  const { rig } = stage;
  rig.add('web');
  await stage.up('web');
  await rig.told('run', 'web');
  await stage.again(async () => {
    rig.order('web', 'say meanwhile');
    rig.order('web', 'do tell said');
    await rig.told('said', 'web');
  });
  rig.order('web', 'say later');
  await eventually('both lines', () => lines(caught).length === 2);
  expect(lines(caught)).toEqual(['web: meanwhile', 'web: later']);
});

test('of a oneshot bears its name too, also if the tree dies under it', async () => {
  const { stage, caught } = begin();
  const { rig } = stage;
  const oneshot = join(rig.root, 'services/migrate');
  mkdirSync(oneshot);
  writeFileSync(
    join(oneshot, 'up'),
    `#!/bin/sh\necho begun; until [ -e ${rig.root}/go ]; do sleep 0.01; done; echo "went on" >&2\n`,
    { mode: 0o755 },
  );
  rig.add('web');
  await stage.up('web');
  await eventually(
    'the runner',
    () => writeFifo(join(rig.root, 'oneshots/control'), Buffer.from('up 1 - migrate\n')) === 'written',
  );
  await eventually('its first line', () => lines(caught).includes('migrate: begun'));
  await stage.again();
  await stage.answers('web');
  writeFileSync(join(rig.root, 'go'), '');
  await eventually('its last line', () => lines(caught).includes('migrate: went on'));
});

test('does not grow past its bound', async () => {
  const { stage, caught } = begin();
  const { rig } = stage;
  rig.add('web', {
    run: 'head -c 3000000 /dev/zero | tr "\\0" x | fold -w 99; echo; echo end; tell done; exec sleep 1000',
  });
  await stage.up('web');
  await rig.told('done', 'web');
  await eventually('the last line', () => lines(caught).at(-1) === 'web: end');
  expect(archives(caught)).toHaveLength(3);
  for (const file of ['current', ...archives(caught)]) {
    expect(statSync(join(caught, file)).size).toBeLessThanOrEqual(256 * 1024);
  }
});

test('keeps the last lines of each service, however much another writes', async () => {
  const { stage, caught } = begin();
  const { rig } = stage;
  rig.add('failing', { run: "echo 'why it failed'; tell said; exec sleep 1000" });
  // More than all files of the catch-all together.
  rig.add('web', {
    run: 'until [ -e go ]; do sleep 0.01; done; head -c 3000000 /dev/zero | tr "\\0" x | fold -w 99; echo; echo end; exec sleep 1000',
  });
  await stage.up('failing', 'web');
  await rig.told('said', 'failing');
  await eventually('its line', () => lines(caught).includes('failing: why it failed'));
  writeFileSync(join(rig.directory('web'), 'go'), '');
  await eventually('the last line', () => lines(caught).at(-1) === 'web: end');
  const texts = (service: string) =>
    lastEntries(caught, { count: Number.POSITIVE_INFINITY, since: Number.NEGATIVE_INFINITY })
      .map(({ text }) => labelled(text))
      .filter((line) => line.service === service)
      .map(({ text }) => text);
  expect(texts('failing')).toEqual(['why it failed']);
  expect(statSync(join(caught, 'reserve')).size).toBeLessThan(2 * 4096);
  // It outlives the tree.
  await stage.again();
  await stage.answers('failing');
  expect(texts('failing')).toEqual(['why it failed']);
});
