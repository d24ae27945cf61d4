/** A source that is as it was is not compiled again, and what is not is: whatever is done to it, the bytes are those of compiling all. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { keepCompilation, unchangedSince } from '@muster/store/source-tree/last-compilation';
import { readSource } from '@muster/store/source-tree/read';
import { Sightings } from '@muster/store/source-tree/sightings';
import { writeFile } from '@muster/store/write-file';
import { afterAll, expect, test } from 'vitest';
import { temporaryDirectory } from './trees.ts';

const directory = temporaryDirectory();
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const EVERYTHING_IS_OLD = Number.POSITIVE_INFINITY;
const compiler = 'this one';
const exists = () => true;

let count = 0;

class Site {
  readonly source = join(directory, `source-${count}`);
  readonly compiled = join(directory, `compiled-${count++}`);

  constructor(services: number) {
    for (let i = 0; i < services; i++) this.add(i);
  }

  add(i: number): void {
    const place = join(this.source, `s${i}`);
    mkdirSync(join(place, 'dependencies.d'), { recursive: true });
    writeFileSync(join(place, 'type'), 'longrun\n');
    writeFileSync(join(place, 'run'), `#!/bin/sh\nexec daemon ${i}\n`);
    if (i > 0) writeFileSync(join(place, 'dependencies.d/s0'), '');
  }

  /** What a compilation of all that is there gives. */
  bytes(sightings: Sightings | null = null): Uint8Array {
    const { database, diagnostics } = compile([readSource(this.source, sightings)], { encoding: definitionEncoding });
    expect(diagnostics).toEqual([]);
    return encode(database!).bytes;
  }

  isUnchanged(): boolean {
    return unchangedSince(this.compiled, { compiler, sources: [this.source] }, exists) !== null;
  }

  /** As rc-compile does it. */
  compile(begun = EVERYTHING_IS_OLD): void {
    if (this.isUnchanged()) return;
    const sightings = new Sightings(begun);
    const bytes = this.bytes(sightings);
    writeFile(this.compiled, bytes);
    const last = { compiler, sources: [this.source], interpreters: [], longruns: 1, oneshots: 0, bundles: 0 };
    const seen = sightings.taken();
    if (seen !== null) keepCompilation(this.compiled, last, { bytes, mode: 0o644 }, seen);
  }
}

/** Until what is changed now has another time than what was changed before: that counts in ticks. */
function awaitTick(): void {
  const probe = join(directory, 'probe');
  const touched = () => {
    writeFileSync(probe, '');
    return statSync(probe, { bigint: true }).ctimeNs;
  };
  const before = touched();
  while (touched() <= before);
}

function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What people and programs do to a source; each keeps it one that compiles without a word. */
const EDITS: readonly ((site: Site, place: string, random: (below: number) => number) => void)[] = [
  // Of the same length, and with the time that the file had.
  (_site, place, random) => {
    const { atime, mtime } = statSync(join(place, 'run'));
    writeFileSync(join(place, 'run'), `#!/bin/sh\nexec daemon ${random(10)}\n`);
    utimesSync(join(place, 'run'), atime, mtime);
  },
  (_site, place) => utimesSync(join(place, 'type'), 1, 1),
  (_site, place, random) => {
    writeFileSync(join(place, 'run.new'), `#!/bin/sh\nexec daemon ${random(10)}\n`);
    renameSync(join(place, 'run.new'), join(place, 'run'));
  },
  (_site, place, random) => chmodSync(join(place, 'run'), random(2) === 0 ? 0o644 : 0o600),
  (_site, place, random) => chmodSync(place, random(2) === 0 ? 0o755 : 0o700),
  (_site, place, random) => writeFileSync(join(place, 'dependencies.d/s0'), random(2) === 0 ? '' : 'reload\n'),
  (_site, place) => writeFileSync(join(place, 'flag-manual'), ''),
  (_site, place) => rmSync(join(place, 'flag-manual'), { force: true }),
  (_site, place, random) => {
    mkdirSync(join(place, 'data/deep'), { recursive: true });
    writeFileSync(join(place, 'data/deep/file'), String(random(10)));
  },
  (_site, place) => rmSync(join(place, 'data'), { recursive: true, force: true }),
  (site) => site.add(readdirSync(site.source).length),
  // The same directory under two names, one after the other.
  (_site, place) => {
    renameSync(place, `${place}.moved`);
    renameSync(`${place}.moved`, place);
  },
  // Two definitions change places.
  (site, place) => {
    const other = join(site.source, 's1');
    if (place === other) return;
    renameSync(place, `${place}.moved`);
    renameSync(other, place);
    renameSync(`${place}.moved`, other);
  },
];

test.each([1, 2, 3, 4])('after any edits the bytes are those of compiling everything (seed %i)', (seed) => {
  const random = randomFrom(seed);
  const site = new Site(6);
  let unchanged = 0;
  for (let round = 0; round < 40; round++) {
    site.compile();
    expect(Buffer.compare(readFileSync(site.compiled), site.bytes())).toBe(0);
    expect(site.isUnchanged()).toBe(true);
    awaitTick();
    const edits = random(3);
    for (let i = 0; i < edits; i++) EDITS[random(EDITS.length)]!(site, join(site.source, `s${2 + random(4)}`), random);
    if (site.isUnchanged()) unchanged++;
  }
  // Without an edit nothing is compiled; with one, nearly always.
  expect(unchanged).toBeGreaterThan(3);
  expect(unchanged).toBeLessThan(30);
});

test('what was changed a moment before it was read may change again unseen, and is not kept', () => {
  const site = new Site(2);
  site.compile(Date.now() / 1000);
  expect(site.isUnchanged()).toBe(false);
});

test('a database that is gone, or another one, or for more people, is written again', () => {
  const site = new Site(2);
  site.compile();
  expect(site.isUnchanged()).toBe(true);
  chmodSync(site.compiled, 0o666);
  expect(site.isUnchanged()).toBe(false);
  chmodSync(site.compiled, 0o600);
  expect(site.isUnchanged()).toBe(true);
  const bytes = readFileSync(site.compiled);
  bytes[bytes.length - 20]! ^= 1;
  writeFileSync(site.compiled, bytes);
  expect(site.isUnchanged()).toBe(false);
  rmSync(site.compiled);
  expect(site.isUnchanged()).toBe(false);
});

test('another compiler, another source, and an interpreter that is gone have all compiled', () => {
  const site = new Site(2);
  const sightings = new Sightings(EVERYTHING_IS_OLD);
  const bytes = site.bytes(sightings);
  writeFile(site.compiled, bytes);
  const last = { compiler, sources: [site.source], interpreters: ['/bin/sh'], longruns: 2, oneshots: 0, bundles: 0 };
  keepCompilation(site.compiled, last, { bytes, mode: 0o644 }, sightings.taken()!);
  const ask = (asked: Partial<typeof last>, there = true) =>
    unchangedSince(site.compiled, { compiler, sources: [site.source], ...asked }, () => there) !== null;
  expect(ask({})).toBe(true);
  expect(ask({ compiler: 'another one' })).toBe(false);
  expect(ask({ sources: [`${site.source}/.`] })).toBe(false);
  expect(ask({}, false)).toBe(false);
});

test('what others may have written, or what is damaged, is not believed', () => {
  const site = new Site(2);
  site.compile();
  const kept = join(directory, `.${site.compiled.slice(directory.length + 1)}.seen`);
  chmodSync(kept, 0o666);
  expect(site.isUnchanged()).toBe(false);
  chmodSync(kept, 0o600);
  expect(site.isUnchanged()).toBe(true);
  const bytes = readFileSync(kept);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(kept, bytes);
  expect(site.isUnchanged()).toBe(false);
});

test('where a link is followed, what it leads to could change: it is compiled each time', () => {
  const site = new Site(2);
  symlinkSync('../s0/run', join(site.source, 's1/finish'));
  site.compile();
  expect(site.isUnchanged()).toBe(false);
});
