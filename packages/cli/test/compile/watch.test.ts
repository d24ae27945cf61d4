import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterAll, afterEach, expect, test } from 'vitest';
import { makeTree, temporaryDirectory } from './trees.ts';

const directory = temporaryDirectory();
const muster = join(import.meta.dirname, '../../../../build/muster');
let watching: Watching;
let count = 0;

afterEach(async () => {
  expect(await watching.end()).toBe(0);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

class Watching {
  said = '';
  complained = '';
  readonly #process: ChildProcess;

  constructor(...args: readonly string[]) {
    this.#process = spawn(muster, ['compile', '--watch', '--json', ...args]);
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.complained += text;
    });
  }

  get answers(): { readonly ok: boolean; readonly services: number }[] {
    return this.said
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Waits for the last answer to be this one. */
  async until(ok: boolean, services: number): Promise<void> {
    await eventually(`${services} services`, () => {
      const last = this.answers.at(-1);
      return last?.ok === ok && last.services === services;
    });
  }

  async end(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#process.on('exit', resolve));
    this.#process.kill('SIGTERM');
    return await ended;
  }
}

const ONESHOT = { type: 'oneshot\n', up: 'true\n' };

function freshSource(...names: readonly string[]): string {
  const source = join(directory, `source-${count++}`);
  for (const name of names) makeTree(join(source, name), ONESHOT);
  return source;
}

/** At once: half a definition would be compiled, too. */
function add(source: string, name: string): void {
  renameSync(join(freshSource(name), name), join(source, name));
}

test('a file that is saved as editors do it, a definition that comes and one that goes', async () => {
  const source = freshSource('a');
  watching = new Watching(source, join(directory, 'compiled'));
  await watching.until(true, 1);
  writeFileSync(join(source, 'a/.type.swp'), 'nonsense\n');
  renameSync(join(source, 'a/.type.swp'), join(source, 'a/type'));
  await watching.until(false, 0);
  writeFileSync(join(source, 'a/type'), 'oneshot\n');
  await watching.until(true, 1);
  mkdirSync(join(source, 'b'));
  await watching.until(false, 0);
  makeTree(join(source, 'b'), ONESHOT);
  await watching.until(true, 2);
  mkdirSync(join(source, 'b/dependencies.d'));
  writeFileSync(join(source, 'b/dependencies.d/ghost'), '');
  await watching.until(false, 0);
  rmSync(join(source, 'b'), { recursive: true });
  await watching.until(true, 1);
});

test('a source that is not there yet, and one that is replaced as a whole', async () => {
  const source = join(directory, 'not/yet');
  watching = new Watching(source, join(directory, 'compiled'));
  await watching.until(false, 0);
  mkdirSync(join(source, '..'));
  renameSync(freshSource('a'), source);
  await watching.until(true, 1);
  renameSync(source, `${source}.old`);
  renameSync(freshSource('a', 'b'), source);
  await watching.until(true, 2);
  add(source, 'c');
  await watching.until(true, 3);
});

test('what links lead to', async () => {
  const [source, elsewhere] = [freshSource('a'), freshSource('far')];
  symlinkSync(join(elsewhere, 'far'), join(source, 'b'));
  rmSync(join(source, 'a/type'));
  symlinkSync(join(elsewhere, 'shared-type'), join(source, 'a/type'));
  writeFileSync(join(elsewhere, 'shared-type'), 'oneshot\n');
  watching = new Watching(source, join(directory, 'compiled'));
  await watching.until(true, 2);
  writeFileSync(join(elsewhere, 'far/type'), 'nonsense\n');
  await watching.until(false, 0);
  writeFileSync(join(elsewhere, 'far/type'), 'oneshot\n');
  await watching.until(true, 2);
  writeFileSync(join(elsewhere, 'shared.new'), 'nonsense\n');
  renameSync(join(elsewhere, 'shared.new'), join(elsewhere, 'shared-type'));
  await watching.until(false, 0);
});

test('a database within the source is no change of it', async () => {
  const source = freshSource('a');
  watching = new Watching(source, join(source, 'compiled'));
  await watching.until(true, 1);
  add(source, 'b');
  await watching.until(true, 2);
  // The next change is told after whatever the last one brought about.
  add(source, 'c');
  await watching.until(true, 3);
  expect(watching.answers.map(({ services }) => services)).toEqual([1, 2, 3]);
});

test('what cannot be written is said, and written with the next change', async () => {
  const source = freshSource('a');
  const compiled = join(directory, 'later/compiled');
  watching = new Watching(source, compiled);
  await eventually('a complaint', () => watching.complained !== '');
  expect(watching.complained).toBe(`rc-compile: open ${compiled}: no such file or directory (ENOENT)\n`);
  mkdirSync(join(directory, 'later'));
  add(source, 'b');
  await watching.until(true, 2);
  expect(existsSync(compiled) && readFileSync(compiled).length).toBeGreaterThan(0);
});
