/** A live directory that is still there when what it was made for is over: a boot, a container, a PID namespace. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { daemon, oneshot } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';

const TREE = { ...daemon('web', ['setup']), ...oneshot('setup', 'sh -c "echo up >>$ORDER_LOG"\n') };
const UNSHARE = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const canUnshare = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;
if (!canUnshare) console.log('outlived.test.ts: no PID namespace can be made here: those tests are left out');

let site: TestSite;
beforeEach(async () => {
  site = new TestSite();
  await site.compile(TREE);
});
afterEach(() => site.remove());

async function states(): Promise<string[]> {
  return (await site.services()).map(({ state }) => state);
}

/** Everybody says so, nobody changes anything, and rc-init makes it afresh. */
async function expectOutlived(life: string): Promise<void> {
  const { status, stdout, stderr } = site.run('rc-status', '--json');
  expect([status, stderr]).toEqual([0, expect.stringContaining(`warning[RC3007]: this live directory is of ${life}`)]);
  expect(JSON.parse(stdout).services).toMatchObject([{ state: 'down' }, { state: 'down' }]);
  expect(site.run('rc-status', '--check').status).toBe(1);
  for (const command of [['rc-list'], ['rc-why', 'setup'], ['rc-diff']]) {
    expect(site.run(command[0]!, ...command.slice(1)).stderr).toContain('RC3007');
  }
  for (const [command, ...args] of [['rc-change', 'web'], ['rc-update'], ['rc-reload']]) {
    const refused = site.run(command!, ...args);
    expect([refused.status, refused.stderr]).toEqual([4, expect.stringContaining('hint: rc-init makes it afresh')]);
  }
  const before = site.log().length;
  await site.must('rc-init');
  expect(await states()).toEqual(['down', 'down']);
  expect(site.run('rc-status').stderr).toBe('');
  await site.must('rc-change', 'web');
  expect(site.log()).toHaveLength(before + 1);
}

test('of an earlier boot', async () => {
  await site.must('rc-init');
  await site.must('rc-change', 'web');
  for (const pid of site.processes()) process.kill(pid, 'SIGKILL');
  const boot = join(site.live, 'boot');
  const [id, ...others] = readFileSync(boot, 'utf8').split('\n');
  writeFileSync(boot, [id!.replace(/^./, (digit) => (digit === '0' ? '1' : '0')), ...others].join('\n'));
  await expectOutlived('an earlier boot');
});

test('rc-shutdown takes it away', async () => {
  await site.must('rc-init');
  writeFileSync(join(site.live, 'boot'), 'another\npid:[1]\n1\n');
  const { status, stderr } = site.run('rc-shutdown');
  expect([status, stderr]).toEqual([0, expect.stringContaining('it is removed')]);
  expect(existsSync(site.live)).toBe(false);
  expect(site.trees()).toEqual([]);
});

describe.runIf(canUnshare)('PID namespaces', () => {
  /** Runs `script` as process 1 of a new one. */
  const inside = (script: string) => {
    const path = `PATH=${site.environment.MUSTER_BUILD}:$PATH`;
    return spawn('unshare', [...UNSHARE, 'sh', '-c', `${path}; ${script}`], { env: site.environment, stdio: 'ignore' });
  };

  test('of one that has ended', async () => {
    const container = inside('rc-init && rc-change web && exec sleep 1000000');
    await eventually('it is up', () => site.log().length === 1 && existsSync(join(site.live, 'boot')));
    container.kill('SIGKILL');
    await eventually('the end of all in it', () => site.run('rc-status').stderr.includes('RC3007'));
    await expectOutlived('a container, or PID namespace, that has ended');
  });

  test('one that lives is none of the past, seen from outside', async () => {
    inside('rc-init && rc-change web && touch $ORDER_LOG.ready && exec sleep 1000000');
    await eventually('it is up', () => existsSync(`${site.environment.ORDER_LOG}.ready`));
    expect(await states()).toEqual(['up', 'up']);
    // Also while nobody has started its tree again.
    for (const pid of site.trees()) process.kill(pid, 'SIGKILL');
    expect(site.run('rc-status').stderr).not.toContain('RC3007');
  });

  test('and so is ours, seen from another one', async () => {
    await site.must('rc-init');
    await site.must('rc-change', 'web');
    const seen = join(site.root, 'seen');
    const looks = inside(`rc-status --json >${seen} 2>&1`);
    expect(await new Promise((resolve) => looks.once('exit', resolve))).toBe(0);
    const services = JSON.parse(readFileSync(seen, 'utf8')).services as { state: string }[];
    expect(services.map(({ state }) => state)).toEqual(['up', 'up']);
  });
});
