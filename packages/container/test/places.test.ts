/** Where a container puts its live directory, and that whoever enters it finds that without being told. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, describe, expect, test } from 'vitest';
import { ContainerRig, canContain, type Source } from './rig.ts';

const UID = 65_534;
const AS_USER = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups'];
const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0;
if (!hasSetpriv) console.log('skipped: containers of another user, which take setpriv');

/** In a file system of its own each: a script, one with a generated `run` around it, and a oneshot that is a script. */
const SOURCE: Source = {
  default: { type: 'bundle\n', 'contents.d/plain': '', 'contents.d/wrapped': '', 'contents.d/once': '' },
  plain: { type: 'longrun\n', run: '#!/bin/sh\necho plain $1\nexec sleep 1000\n' },
  wrapped: {
    type: 'longrun\n',
    run: '#!/bin/sh -e\necho wrapped $1 $WORD\nexec sleep 1000\n',
    'env/WORD': 'word',
    'flag-env': '',
  },
  once: { type: 'oneshot\n', up: '#!/bin/sh\necho once\n' },
};
const SAID = ['once', 'plain plain', 'wrapped wrapped word'];

/** No place of a test's own: those that a container has by itself. */
const OWN = { RC_LIVE: '' };
const empty = (directory: string, options: string) => `mount -t tmpfs -o ${options} none ${directory}`;
const readOnly = (directory: string) => empty(directory, 'ro');

describe.runIf(canContain)('the live directory', () => {
  let rig: ContainerRig;
  afterEach(() => rig.dispose());

  const boot = async (before: string, through: readonly string[] = []) => {
    rig = new ContainerRig(SOURCE, '/home');
    const container = rig.start({ environment: OWN, before, through });
    await eventually('what all services say', () => SAID.every((line) => container.stdout.split('\n').includes(line)));
    return container;
  };

  test('is /run/rc, also where nothing can be executed', async () => {
    const container = await boot(empty('/run', 'mode=755,noexec,nosuid,nodev'));
    await eventually('the end of the boot', () => rig.enter(container, 'rc-status', '--check').status === 0);
    expect(existsSync(`/proc/${container.pid}/root/run/rc/db`)).toBe(true);
    await container.signal('SIGTERM');
    expect(await container.status()).toBe(0);
  });

  test.runIf(hasSetpriv)(
    'is the first place that another user can write; all commands of that user find it',
    async () => {
      const places = [
        { before: `${empty('/run', 'mode=755')}; ${empty('/dev/shm', 'mode=1777')}`, place: '/dev/shm' },
        { before: `${empty('/run', 'ro')}; ${readOnly('/dev/shm')}; ${empty('/tmp', 'mode=1777')}`, place: '/tmp' },
      ];
      for (const { before, place } of places) {
        const container = await boot(before, AS_USER);
        const live = `${place}/rc-${UID}/live`;
        expect(container.stderr).toContain(`muster: /run cannot be written: the live directory is ${live}\n`);
        await eventually(
          'the end of the boot',
          () => rig.enter(container, ...AS_USER, 'rc-status', '--check').status === 0,
        );
        expect(rig.enter(container, ...AS_USER, 'rc-change', '--restart', 'plain').status).toBe(0);
        expect(rig.enter(container, ...AS_USER, 'rc-shutdown', '--exit-code', '9').stderr).toBe('');
        expect(await container.status()).toBe(9);
        rig.dispose();
      }
    },
  );

  test.runIf(hasSetpriv)('is not in a place that somebody else has made, which is said', async () => {
    const foreign = `mkdir -m 777 /dev/shm/rc-${UID}`;
    const before = [empty('/run', 'mode=755'), empty('/dev/shm', 'mode=1777'), foreign, empty('/tmp', 'mode=1777')];
    const container = await boot(before.join('; '), AS_USER);
    expect(container.stderr).toContain(
      `the live directory is /tmp/rc-${UID}/live; /dev/shm/rc-${UID} is somebody else's, or open to others, and not used`,
    );
  });

  test('without any place that can be written: 111, in words', async () => {
    rig = new ContainerRig(SOURCE, '/home');
    const before = ['/run', '/dev/shm', '/tmp', '/var/tmp'].map(readOnly).join('; ');
    const container = rig.start({ environment: OWN, before });
    expect(await container.status()).toBe(111);
    expect(container.stderr).toMatch(/^muster: there is no place for a live directory: .*cannot be written\n$/);
  });
});
