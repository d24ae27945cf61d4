/** The runner was killed around the start of a script: the next one knows what began, and what did not. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFifo, writeFifo } from '@muster/posix/fifo';
import { realUser } from '@muster/posix/process';
import { eventually } from '@muster/posix/test/eventually';
import { savedStatus, saveStatus } from '@muster/protocol/oneshots/status-file';
import { embeddedWith } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { Rig } from '@muster/protocol/test/rig';
import { afterEach, beforeEach, expect, test } from 'vitest';

const NOBODY = 65534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const canBeNobody = process.getuid?.() === 0 && spawnSync('setpriv', [...AS_NOBODY, 'true']).status === 0;

let rig: Rig;
let stage: Stage;
let home: string;
let stranger: ChildProcess | undefined;
beforeEach(async () => {
  rig = new Rig();
  home = join(rig.root, 'services/migrate');
  for (const directory of ['oneshots', 'services', 'services/migrate']) mkdirSync(join(rig.root, directory));
  makeFifo(join(rig.root, 'oneshots/control'), 0o600);
  const script = `#!/bin/sh\necho run >>${rig.root}/runs\nuntil [ -e ${rig.root}/go ]; do sleep 0.01; done\nexit 7\n`;
  writeFileSync(join(home, 'up'), script, { mode: 0o755 });
  rig.add('web');
  stage = new Stage(embeddedWith('--live', rig.root), rig);
  await stage.up('web');
});
afterEach(async () => {
  stranger?.kill('SIGKILL');
  stranger = undefined;
  writeFileSync(join(rig.root, 'go'), '');
  await stage.down();
});

const NOT_YET = { action: 'up', request: 'x', pid: 0, startTime: 0, since: 1, console: null, killAt: 0 } as const;
const runs = () => (existsSync(join(rig.root, 'runs')) ? readFileSync(join(rig.root, 'runs'), 'utf8') : '');
const release = () => writeFileSync(join(rig.root, 'go'), '');
const begin = async () => {
  expect(writeFifo(join(rig.root, 'oneshots/control'), Buffer.from('up x - migrate\n'))).toBe('written');
  await eventually('it runs', () => runs() === 'run\n');
  return await eventually(
    'its pid',
    () => (savedStatus(home).running?.startTime ?? 0) > 0 && savedStatus(home).running,
  );
};
const end = () => eventually('its end', () => savedStatus(home).running === null && savedStatus(home).last);

test('a script that had not begun is begun', async () => {
  await stage.again(() => saveStatus(home, { running: NOT_YET, last: null }));
  await eventually('it runs', () => runs() === 'run\n');
  release();
  expect(await end()).toMatchObject({ action: 'up', request: 'x', exit: { code: 7, signal: 0 } });
  expect(runs()).toBe('run\n');
});

test('a script that has begun, whose pid was not written down by anybody, is waited for', async () => {
  const { pid } = await begin();
  await stage.again(() => {
    saveStatus(home, { running: NOT_YET, last: null });
    // The shell around it has not come to that yet.
    rmSync(join(home, 'exit'));
  });
  await eventually('it is found', () => savedStatus(home).running?.pid === pid);
  release();
  expect(await end()).toMatchObject({ request: 'x' });
  expect(runs()).toBe('run\n');
});

test('how a script ended while there was no runner is known', async () => {
  await begin();
  await stage.again(async () => {
    saveStatus(home, { running: NOT_YET, last: null });
    release();
    await eventually('it has ended', () => readFileSync(join(home, 'exit'), 'latin1').split('\n').length === 3);
  });
  expect(await end()).toMatchObject({ request: 'x', exit: { code: 7, signal: 0 } });
  expect(runs()).toBe('run\n');
});

test('a script does not go on in the process that has its pid by now', async () => {
  stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  await stage.again(() => {
    saveStatus(home, { running: { ...NOT_YET, pid: stranger!.pid! }, last: null });
    writeFileSync(join(home, 'exit'), `${stranger!.pid}\n`);
  });
  expect(await end()).toMatchObject({ request: 'x', exit: null });
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
});

test('nor in one that a user has given the same words', async (context) => {
  if (!canBeNobody) {
    console.log('skipped: a process of another user, which takes root and setpriv');
    context.skip();
  }
  const words = [...AS_NOBODY, 'sh', '-c', 'while :; do sleep 1; done', 'sh', join(home, 'exit')];
  stranger = spawn('setpriv', words, { detached: true, stdio: 'ignore' });
  await eventually('the look-alike', () => realUser(stranger!.pid!) === NOBODY);
  await stage.again(() => {
    saveStatus(home, { running: NOT_YET, last: null });
    writeFileSync(join(home, 'exit'), `${stranger!.pid}\n`);
  });
  expect(await end()).toMatchObject({ request: 'x', exit: null });
});
