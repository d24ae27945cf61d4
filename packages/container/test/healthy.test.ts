/** What probes see while a container boots, is up, and has failed: the file `healthy`, and rc-status --check. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, describe, expect, test } from 'vitest';
import { ContainerRig, canContain, type Source } from './rig.ts';

const daemon = (name: string) => `#!/bin/sh
echo up >>$D/${name}
until [ -e $D/${name}-ready ]; do sleep 0.05; done
echo >&3
until [ -e $D/${name}-dies ]; do sleep 0.05; done
rm $D/${name}-dies $D/${name}-ready
exit 3
`;

const SOURCE: Source = {
  default: { type: 'bundle\n', 'contents.d/web': '', 'contents.d/prep': '' },
  web: { type: 'longrun\n', 'notification-fd': '3\n', 'dependencies.d/base': '', run: daemon('web') },
  base: { type: 'oneshot\n', up: 'true\n' },
  prep: { type: 'oneshot\n', up: 'true\n' },
  other: { type: 'longrun\n', run: '#!/bin/sh\nexit 1\n' },
};

describe.runIf(canContain)('a probe', () => {
  let rig: ContainerRig;
  afterEach(() => rig.dispose());

  const check = () => rig.run('rc-status', '--check').status;
  const isHealthy = () => existsSync(join(rig.live, 'healthy'));

  test('sees a boot, that all is up, a death, and that all is up again', async () => {
    rig = new ContainerRig(SOURCE);
    const container = rig.start();
    await rig.holds('web', 'up');
    expect([check(), isHealthy()]).toEqual([2, false]);
    rig.say('web-ready', '');
    await eventually('healthy', isHealthy);
    await eventually('the end of the boot', () => check() === 0);
    rig.say('web-dies', '');
    await eventually('the death', () => !isHealthy());
    expect(check()).toBe(1);
    await eventually('another start', () => rig.read('web') === 'up\nup\n');
    expect(isHealthy()).toBe(false);
    rig.say('web-ready', '');
    await eventually('healthy again', isHealthy);
    expect(rig.run('rc-change', '-d', 'prep').status).toBe(0);
    await eventually('that the oneshot is down', () => !isHealthy());
    expect(rig.run('rc-change', 'prep').status).toBe(0);
    await eventually('healthy again', isHealthy);
    await container.signal('SIGTERM');
    expect(await container.status()).toBe(0);
  });

  test('sees what has failed in the boot', async () => {
    rig = new ContainerRig({ ...SOURCE, prep: { type: 'oneshot\n', up: 'sh -c "exit 4"\n' } });
    rig.say('web-ready', '');
    const container = rig.start();
    await eventually('the failure', () => container.stderr.includes('prep: start failed: it exited with 4'));
    await eventually('the end of the boot', () => !existsSync(join(rig.live, 'booting')));
    expect([check(), isHealthy()]).toEqual([1, false]);
  });
});
