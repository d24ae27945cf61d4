import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeTree, temporaryDirectory } from './trees.ts';

const directory = temporaryDirectory();
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('--watch compiles again whenever a source changes, and ends when it is told to', async () => {
  const source = join(directory, 'source');
  makeTree(source, { 'o/type': 'oneshot\n', 'o/up': 'true\n' });
  const muster = join(import.meta.dirname, '../../../../build/muster');
  const watching = spawn(muster, ['compile', '--watch', '--json', source, join(directory, 'compiled')]);
  const answers: { ok: boolean; services: number }[] = [];
  let arrived = () => {};
  watching.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trim().split('\n')) answers.push(JSON.parse(line));
    arrived();
  });
  const answer = async (index: number) => {
    while (answers.length <= index) await new Promise<void>((resolve) => (arrived = resolve));
    return answers[index]!;
  };
  expect(await answer(0)).toMatchObject({ ok: true, services: 1 });
  // The next change must come after the watch began, which nothing tells: it is made again until it is seen.
  const again = setInterval(() => writeFileSync(join(source, 'o/type'), 'nonsense\n'), 300);
  expect(await answer(1)).toMatchObject({ ok: false });
  clearInterval(again);
  const ended = new Promise((resolve) => watching.on('exit', (code) => resolve(code)));
  watching.kill('SIGTERM');
  expect(await ended).toBe(0);
});
