/** The container's terminal is the command's: what is typed, and keys that send signals. */
import { spawnSync } from 'node:child_process';
import { ContainerRig, canContain, UNSHARE } from '@muster/container/test/rig';
import { afterEach, expect, test } from 'vitest';
import { Terminal } from '../end-to-end/terminal.ts';

const hasScript = spawnSync('script', ['--version']).status === 0;
if (!hasScript) console.log('skipped: a container with a terminal, which takes script');

let rig: ContainerRig;
afterEach(() => rig.dispose());

test.runIf(canContain && hasScript)('the command is in the foreground of the terminal', async () => {
  rig = new ContainerRig({});
  rig.say('command', `trap 'echo got INT' INT; tty; read -r first; echo "read <$first>"; read -r second; exit 9`);
  const terminal = new Terminal(
    [...UNSHARE, 'rc-container', '--', 'sh', `${rig.directory}/command`].join(' '),
    rig.environment,
  );
  await terminal.shows('/dev/');
  terminal.type('hello\n');
  await terminal.shows('read <hello>');
  terminal.type('\x03');
  await terminal.shows('got INT');
  terminal.type('again\n');
  expect(await terminal.ended).toBe(9);
});
