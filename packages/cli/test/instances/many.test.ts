/** Eight clients make, start, stop and remove instances while a boot waits for a service that takes its time. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, expect, test } from 'vitest';
import { daemon, oneshot } from '../update/definitions.ts';
import { type Ran, TestSite } from '../update/test-site.ts';

/** `MUSTER_INSTANCES=200` is what takes minutes on a slow machine. */
const INSTANCES = Number(process.env.MUSTER_INSTANCES ?? 40);
const CLIENTS = 8;

let site: TestSite;
afterEach(() => site.remove());

test(`${INSTANCES} instances by 8 clients during a boot: no error, and nothing is left`, async () => {
  site = new TestSite();
  const gate = join(site.root, 'gate');
  await site.boot(
    {
      ...daemon('net'),
      ...oneshot('slow', `sh -c "until [ -e ${gate} ]; do sleep 0.1; done"\n`),
      ...oneshot('key@', 'true\n', { down: 'true\n' }),
      ...daemon('worker@', ['net', 'key@%i']),
      'default/type': 'bundle\n',
      'default/contents': 'net\nslow\n',
    },
    [],
  );
  const boot = site.runAside('rc-change', 'default');
  await eventually('the boot waits', () => {
    const status = join(site.live, 'services/slow/status');
    return existsSync(status) && readFileSync(status).length > 0;
  });
  const failures: (Ran & { readonly args: readonly string[] })[] = [];
  let next = 0;
  const client = async () => {
    for (let number = next++; number < INSTANCES; number = next++) {
      const name = `worker@${number}`;
      const calls = [
        ['rc-instance', 'create', '-e', `N=${number}`, name],
        ['rc-change', name],
        ['rc-change', '-d', name],
        ['rc-instance', 'remove', '--down', name],
      ] as const;
      for (const [command, ...args] of calls) {
        const ran = await site.runAside(command, ...args);
        if (ran.status !== 0) failures.push({ ...ran, args: [command, ...args] });
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(failures).toEqual([]);
  expect(next).toBeGreaterThanOrEqual(INSTANCES);
  // The boot has waited all the time, and goes on.
  expect(site.commands('rc-change')).toHaveLength(1);
  writeFileSync(gate, '');
  expect((await boot).status).toBe(0);
  expect(readdirSync(join(site.live, 'services')).sort()).toEqual(['net', 'slow']);
  expect(readdirSync(join(site.live, 'environments'))).toEqual([]);
  expect(await site.up()).toEqual(['net', 'slow']);
});
