/** What others could have written is not obeyed. Needs root, to give files to somebody else. */
import { chmodSync, chownSync, existsSync, lchownSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../src/exit-codes.ts';
import { daemon } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';

const OTHER = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: only root can give files to somebody else');
const asRoot = test.skipIf(!isRoot);

let site: TestSite;
beforeEach(() => {
  site = new TestSite();
});
afterEach(() => site.remove());

asRoot.each([
  ['that everybody may write to', (path: string) => chmodSync(path, 0o777)],
  ['of another user', (path: string) => chownSync(path, OTHER, OTHER)],
])('a source %s is neither compiled nor reloaded, unless that is meant', async (_, spoil) => {
  await site.boot(daemon('web'), ['web']);
  site.write({ ...daemon('web'), ...daemon('evil') });
  spoil(site.source);
  for (const ran of [site.run('rc-compile', site.source, join(site.root, 'other')), site.run('rc-reload')]) {
    expect(ran.stderr).toContain('error[RC3003]');
    expect(ran.stderr).toContain(site.source);
    expect(ran.stderr).toContain('or say --trust-source');
    expect(ran.status).toBe(EXIT.refused);
  }
  expect(existsSync(join(site.root, 'other'))).toBe(false);
  expect((await site.services()).map(({ name }) => name)).toEqual(['web']);
  const json = site.run('rc-compile', '--json', site.source, site.compiled);
  expect(json.status).toBe(EXIT.refused);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, compiled: null, diagnostics: [{ code: 'RC3003' }] });
  expect(site.run('rc-compile', '--check', site.source).status).toBe(EXIT.success);
  expect(site.run('rc-diff', site.compiled, site.source).stderr).toBe('');
  expect(site.run('rc-reload', '--trust-source')).toMatchObject({ status: EXIT.success });
  expect((await site.services()).map(({ name }) => name)).toEqual(['evil', 'web']);
});

asRoot('a database that another user can put in the place of ours is not made live', async () => {
  site.write(daemon('web'));
  const theirs = join(site.root, 'theirs');
  mkdirSync(theirs);
  await site.must('rc-compile', site.source, join(theirs, 'compiled'));
  chownSync(theirs, OTHER, OTHER);
  const { status, stderr } = site.run('rc-init', '-c', join(theirs, 'compiled'));
  expect(stderr).toContain(`${theirs}`);
  expect(stderr).toContain(`it belongs to user ${OTHER}`);
  expect(status).toBe(EXIT.invalid);
  expect(existsSync(site.live)).toBe(false);
});

test('a link of our own to a file of our own is as good as the file', async () => {
  site.write(daemon('web'));
  await site.must('rc-compile', site.source, site.compiled);
  renameSync(site.compiled, join(site.root, 'v1'));
  symlinkSync('v1', site.compiled);
  await site.must('rc-init');
  await site.must('rc-update');
  site.write({ ...daemon('web'), ...daemon('other') });
  await site.must('rc-reload');
  expect((await site.services()).map(({ name }) => name)).toEqual(['other', 'web']);
});

asRoot('a live directory is not made where another user could exchange it, nor through a link of theirs', async () => {
  await site.compile(daemon('web'));
  const sticky = join(site.root, 'sticky');
  const elsewhere = join(site.root, 'elsewhere');
  mkdirSync(join(sticky, 'theirs'), { recursive: true });
  mkdirSync(elsewhere);
  chmodSync(sticky, 0o1777);
  chownSync(join(sticky, 'theirs'), OTHER, OTHER);
  symlinkSync(elsewhere, join(sticky, 'link'));
  lchownSync(join(sticky, 'link'), OTHER, OTHER);
  for (const place of ['theirs', 'link']) {
    for (const live of [join(sticky, place, 'rc'), join(sticky, place)]) {
      const { status, stderr } = site.run('rc-init', '-l', live);
      expect(stderr, live).toContain(join(sticky, place));
      expect(status, live).toBe(EXIT.invalid);
    }
    const output = site.run('rc-compile', site.source, join(sticky, place, 'compiled'));
    expect(output.status).toBe(place === 'link' ? EXIT.systemCall : EXIT.success);
    rmSync(join(sticky, 'theirs/compiled'), { force: true });
  }
  symlinkSync(join(elsewhere, 'compiled'), join(sticky, 'compiled'));
  lchownSync(join(sticky, 'compiled'), OTHER, OTHER);
  const { status, stderr } = site.run('rc-compile', site.source, join(sticky, 'compiled'));
  expect(stderr).toBe(
    `rc-compile: follow another user's link ${join(sticky, 'compiled')}: permission denied (EACCES)\n`,
  );
  expect(status).toBe(EXIT.systemCall);
  expect(existsSync(join(elsewhere, 'compiled'))).toBe(false);
});
