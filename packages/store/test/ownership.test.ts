/** Whose word is believed: what is at the end of a path, and who decides what that is. Needs root, to give files away. */
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distrustOf, distrustWay, foreignLink } from '@muster/store/ownership';
import { readSource } from '@muster/store/source-tree/read';
import { writeFile } from '@muster/store/write-file';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const OTHER = 65534;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: only root can give files to somebody else');

let root: string;
const at = (path: string) => join(root, path);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-ownership-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function directory(path: string, { mode = 0o755, owner = 0 } = {}): void {
  mkdirSync(at(path), { recursive: true });
  chmodSync(at(path), mode);
  chownSync(at(path), owner, owner);
}

const placeOf = (path: string) => distrustWay(at(path))?.at?.file ?? null;

describe.skipIf(!isRoot)('the way to a file', () => {
  test('is trusted through what is ours, and through sticky directories as far as what has the name is ours', () => {
    directory('ours');
    directory('sticky', { mode: 0o1777 });
    directory('sticky/ours');
    directory('sticky/theirs', { owner: OTHER });
    for (const path of ['ours/x', 'ours/missing/x', 'sticky/ours/x', 'sticky/missing', 'sticky/../ours/x'])
      expect(placeOf(path), path).toBe(null);
    expect(placeOf('sticky/theirs')).toBe(at('sticky/theirs'));
    expect(placeOf('sticky/theirs/x')).toBe(at('sticky/theirs'));
  });

  test.each([
    ['that is somebody else’s', { owner: OTHER }],
    ['that everybody may write to', { mode: 0o777 }],
    ['that its group may write to', { mode: 0o775 }],
  ])('is not trusted through a directory %s, however far above', (_, how) => {
    directory('theirs', how);
    directory('theirs/ours/more');
    expect(placeOf('theirs/ours/more/x')).toBe(at('theirs'));
  });

  test('leads through links, relative and absolute ones, and through all that these lead through', () => {
    directory('theirs', { mode: 0o777 });
    directory('theirs/in');
    directory('ours/in');
    symlinkSync(at('theirs/in'), at('absolute'));
    symlinkSync('../theirs/in', at('ours/relative'));
    symlinkSync('ours/in', at('good'));
    expect(placeOf('absolute/x')).toBe(at('theirs'));
    expect(placeOf('ours/relative')).toBe(at('theirs'));
    expect(placeOf('good/x')).toBe(null);
    expect(distrustWay(`${root}/good/../relative/x`)?.at?.file).toBe(at('theirs'));
    symlinkSync('circle', at('circle'));
    expect(() => placeOf('circle')).toThrow('ELOOP');
  });

  test('ends in a file that is asked itself', () => {
    writeFileSync(at('file'), '');
    expect(distrustOf(at('file'), statSync(at('file')))).toBe(null);
    chmodSync(at('file'), 0o666);
    expect(distrustOf(at('file'), statSync(at('file')))?.message).toBe('others may write to it (mode 0666)');
    chmodSync(at('file'), 0o600);
    chownSync(at('file'), OTHER, OTHER);
    expect(distrustOf(at('file'), statSync(at('file')))?.message).toContain(`it belongs to user ${OTHER}`);
  });
});

describe.skipIf(!isRoot)('a link that somebody else has put into a sticky directory, or into one of their own', () => {
  beforeEach(() => {
    directory('sticky', { mode: 0o1777 });
    directory('theirs', { owner: OTHER });
    directory('target');
    writeFileSync(at('target/precious'), 'precious');
  });

  test.each([
    ['the file itself', 'sticky/out', 'target/precious', 'sticky/out'],
    ['the directory of the file', 'sticky/dir', 'target', 'sticky/dir/precious'],
    ['the file in their own directory', 'theirs/out', 'target/precious', 'theirs/out'],
    ['a directory in their own', 'theirs/dir', 'target', 'theirs/dir/precious'],
  ])('is not written through: %s', (_, link, target, path) => {
    symlinkSync(at(target), at(link));
    lchownSync(at(link), OTHER, OTHER);
    expect(foreignLink(at(path))).toBe(at(link));
    expect(() => writeFile(at(path), new Uint8Array(1))).toThrow("follow another user's link");
    expect(statSync(at('target/precious')).size).toBe(8);
  });

  test.each(['sticky', 'theirs'])('is written through if it is our own: %s', (place) => {
    symlinkSync(at('target/precious'), at(`${place}/out`));
    writeFile(at(`${place}/out`), new Uint8Array(1));
    expect(statSync(at('target/precious')).size).toBe(1);
  });
});

describe.skipIf(!isRoot)('a source', () => {
  beforeEach(() => {
    directory('source/web/data');
    for (const path of ['type', 'run', 'data/x']) writeFileSync(at(`source/web/${path}`), 'longrun\n');
    writeFileSync(at('source/one.service.toml'), 'type = "oneshot"\n');
  });

  function distrusted(): string[] {
    const source = readSource(at('source'));
    for (const _ of source.definitions);
    return source.distrusted.map(({ at: place }) => place!.file.slice(root.length + 1));
  }

  test('is trusted as long as all of it is ours', () => {
    expect(distrusted()).toEqual([]);
  });

  test.each([
    'source',
    'source/web',
    'source/web/data',
    'source/web/data/x',
    'source/web/run',
    'source/web/type',
    'source/one.service.toml',
  ])('is distrusted for %s, by others or written by others', (path) => {
    const { mode } = statSync(at(path));
    chmodSync(at(path), mode | 0o002);
    expect(distrusted()).toEqual([path]);
    chmodSync(at(path), mode);
    chownSync(at(path), OTHER, OTHER);
    expect(distrusted()).toEqual([path]);
  });

  test('is distrusted for what its links lead through', () => {
    directory('theirs', { owner: OTHER });
    directory('theirs/web');
    writeFileSync(at('theirs/web/run'), '');
    symlinkSync(at('theirs/web'), at('source/linked'));
    expect(distrusted()).toEqual(['theirs']);
    rmSync(at('source/linked'));
    rmSync(at('source/web/run'));
    symlinkSync(at('theirs/web/run'), at('source/web/run'));
    expect(distrusted()).toEqual(['theirs']);
  });
});
