/** What the system refuses: no space, a file system that became read-only, directories that may not be written to. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { killIfThere } from '../end-to-end/machine.ts';
import { type Ran, type ServiceNow, TestSite } from './test-site.ts';

const PAGE = 4096;

function mount(...args: string[]): boolean {
  return spawnSync('mount', args).status === 0;
}

function mountMissing(): string | null {
  if (process.geteuid!() !== 0) return 'not root';
  const site = new TestSite();
  const place = join(site.root, 'small');
  mkdirSync(place);
  const works = mount('-t', 'tmpfs', 'none', place);
  if (works) spawnSync('umount', [place]);
  site.remove();
  return works ? null : 'nothing can be mounted here';
}

const noMount = mountMissing();
if (noMount !== null) console.log(`tests of full and read-only file systems are skipped: ${noMount}`);

/** A site whose live directory lies on a file system of its own. */
class SmallSite extends TestSite {
  readonly small = join(this.root, 'small');
  override readonly live: string = join(this.small, 'live');

  constructor(size: string) {
    super();
    this.environment.RC_LIVE = this.live;
    mkdirSync(this.small);
    if (!mount('-t', 'tmpfs', '-o', `size=${size}`, 'none', this.small)) throw new Error('mount');
  }

  /** Leaves `pages` pages of 4 KiB free. */
  fill(pages: number): void {
    rmSync(join(this.small, 'filler'), { force: true });
    const { bavail, bsize } = statfsSync(this.small);
    const free = bavail * bsize - pages * PAGE;
    writeFileSync(join(this.small, 'filler'), Buffer.alloc(Math.max(0, free)));
  }

  override remove(): void {
    for (const pid of this.processes()) killIfThere(pid);
    while (spawnSync('umount', ['-l', this.small]).status === 0);
    super.remove();
  }
}

const daemon = (name: string, text: string, extra: Tree = {}): Tree => ({
  [`${name}/type`]: 'longrun\n',
  [`${name}/run`]: { text: `#!/bin/sh\n# ${text}\nexec sleep 1000000\n`, mode: 0o755 },
  ...extra,
});

const before: Tree = {
  ...daemon('a', 'old'),
  ...daemon('b', 'same', { 'b/dependencies.d/a': '' }),
  ...daemon('c', 'same'),
};
const after: Tree = {
  ...daemon('a', 'new', { 'a/data/one': 'x'.repeat(6000), 'a/data/two': 'y' }),
  ...daemon('b', 'same', { 'b/dependencies.d/a': '' }),
  ...daemon('c', 'same'),
  ...daemon('d', 'new', { 'd/data/three': 'z'.repeat(5000) }),
};

describe.runIf(noMount === null)('an update is all or nothing', () => {
  test('however little space is left', async () => {
    const site = new SmallSite('256k');
    try {
      await site.boot(before, ['b', 'c']);
      await site.compile(after);
      const pids = await site.pids();
      const listing = readdirSync(site.live, { recursive: true }).sort();
      let refusals = 0;
      for (let pages = 0; ; pages++) {
        site.fill(pages);
        const { status, stderr } = await site.runAside('rc-update');
        if (status === 0) break;
        refusals++;
        expect(status, `${pages} pages: ${stderr}`).toBe(111);
        expect(stderr).toMatch(/ENOSPC.*(nothing was changed|as it was)/s);
        expect(await site.pids()).toEqual(pids);
        expect(readdirSync(site.live, { recursive: true }).sort()).toEqual(listing);
        expect(pages).toBeLessThan(40);
      }
      expect(refusals).toBeGreaterThan(5);
      expect(await site.up()).toEqual(['a', 'b', 'c']);
      expect((await site.pids()).get('c')).toBe(pids.get('c'));
    } finally {
      site.remove();
    }
  });

  test('on a file system that became read-only', async () => {
    const site = new SmallSite('4m');
    try {
      await site.boot(before, ['b', 'c']);
      await site.compile(after);
      const pids = await site.pids();
      mount('--bind', site.small, site.small);
      mount('-o', 'remount,bind,ro', site.small);
      const { status, stderr } = await site.runAside('rc-update');
      expect([status, stderr]).toEqual([111, expect.stringMatching(/EROFS/)]);
      expect(await site.pids()).toEqual(pids);
      spawnSync('umount', [site.small]);
      await site.must('rc-update');
      expect(await site.up()).toEqual(['a', 'b', 'c']);
    } finally {
      site.remove();
    }
  });
});

describe.runIf(noMount === null)('where there is no space at all', () => {
  test('a oneshot that never ran does, and its end is known', async () => {
    const site = new SmallSite('512k');
    try {
      const job: Tree = { 'job/type': 'oneshot\n', 'job/up': 'true\n', 'job/down': 'false\n' };
      await site.boot({ ...before, ...job }, []);
      site.fill(0);
      expect((await site.runAside('rc-change', 'job')).status).toBe(0);
      expect((await site.runAside('rc-change', '-d', 'job')).status).toBe(1);
      expect(await site.up()).toEqual(['job']);
    } finally {
      site.remove();
    }
  });

  test('an update leaves what is known of a oneshot as it is', async () => {
    const site = new SmallSite('4m');
    try {
      const job = (text: string): Tree => ({ 'job/type': 'oneshot\n', 'job/up': `${text}\n`, 'job/down': 'true\n' });
      await site.boot({ ...before, ...job('true') }, ['job']);
      const status = join(site.live, 'services/job/status');
      const known = readFileSync(status, 'utf8');
      expect(known).toMatch(/^up \S+ 0 0 \d+$/m);
      await site.compile({ ...before, ...job('true again') });
      await site.must('rc-update');
      expect(readFileSync(status, 'utf8')).toBe(known);
    } finally {
      site.remove();
    }
  });
});

const isRoot = process.geteuid!() === 0;
if (!isRoot) console.log('skipped: a user who may not write, whom only root can become');

describe.runIf(isRoot)('a user who may not write', () => {
  const NOBODY = 65_534;

  test.each(['.', 'databases', 'services', 'services/a', 'scan'])('to %s changes nothing', async (directory) => {
    const site = new TestSite();
    const words = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
    const asNobody = async (command: string, ...args: string[]): Promise<Ran> =>
      await site.execute('setpriv', [...words, site.command(command), ...args]);
    const compile = async (tree: Tree): Promise<void> => {
      site.write(tree);
      expect((await asNobody('rc-compile', site.source, site.compiled)).stderr).toBe('');
    };
    const status = async (): Promise<string> => {
      const { services } = JSON.parse((await asNobody('rc-status', '--json')).stdout);
      return services.map(({ name, state, pid }: ServiceNow) => `${name} ${state} ${pid}`).join(', ');
    };
    try {
      chmodSync(site.root, 0o755);
      chownSync(site.root, NOBODY, NOBODY);
      await compile(before);
      expect((await asNobody('rc-init')).status).toBe(0);
      expect((await asNobody('rc-change', 'b', 'c')).status).toBe(0);
      const earlier = await status();
      await compile(after);
      const place = join(site.live, directory);
      chownSync(place, 0, 0);
      const refused = await asNobody('rc-update');
      expect([refused.status, refused.stderr]).toEqual([111, expect.stringMatching(/EACCES.*nothing was changed/s)]);
      expect(await status()).toBe(earlier);
      chownSync(place, NOBODY, NOBODY);
      expect((await asNobody('rc-update')).status).toBe(0);
      expect(await status()).toMatch(/^a up \d+, b up \d+, c up \d+, d down null$/);
    } finally {
      site.remove();
    }
  });
});
