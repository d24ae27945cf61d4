/** The recipes of docs/containers.md: their images are built from what stands there, and do what it says. */
import { copyFileSync, linkSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { outputFileSync } from 'fs-extra/esm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../end-to-end/machine.ts';
import { must } from './engine/command.ts';
import type { Container } from './engine/engine.ts';
import { BUILT } from './engine/image.ts';
import { engineHere } from './engine/open-engine.ts';
import { PodmanEngine } from './engine/podman.ts';

const PAGE = readFileSync(join(ROOT, 'docs/containers.md'), 'utf8');
const isHere = engineHere === 'podman';
if (!isHere) console.log('skipped: recipes for containers, which take podman');

let engine: PodmanEngine;

/** Files of a section, by path: each is a block of text behind a line that names it. */
function recipe(title: string): Map<string, string> {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`no recipe ${title}`);
  const blocks = section.matchAll(/^`([\w./-]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path, text]) => [path!, text!]));
}

/** No image comes from elsewhere: what a recipe installs is in the Debian of scripts/containers.sh. */
function here(recipeText: string): string {
  return recipeText.replace(/^FROM debian:.*$/m, 'FROM muster-test/debian').replace(/^RUN apt-get .*\n/m, '');
}

async function build(title: string, tag: string, prepare: (context: string) => Promise<void>): Promise<Container> {
  const context = join(engine.directory, tag);
  for (const [path, text] of recipe(title))
    outputFileSync(
      join(context, path === 'Dockerfile' ? 'Containerfile' : path),
      path === 'Dockerfile' ? here(text) : text,
    );
  try {
    linkSync(BUILT, join(context, 'muster'));
  } catch {
    // Another file system.
    copyFileSync(BUILT, join(context, 'muster'));
  }
  await prepare(context);
  return engine.runBuilt(await engine.buildIn(context, tag));
}

const answers = (container: Container, words: readonly string[]) =>
  eventually('an answer', async () => {
    if ((await container.pid()) === 0) throw new Error(`it has ended:\n${container.stdout()}${container.stderr()}`);
    const { status, stdout } = await container.exec(words);
    return status === 0 && stdout;
  });

describe.skipIf(!isHere)('a recipe', () => {
  beforeAll(async () => {
    engine = await PodmanEngine.open();
  });
  afterAll(() => engine?.dispose());

  test('a Python web application with redis and nginx', async () => {
    const title = 'A Python web application with redis and nginx';
    for (const [path, text] of recipe(title))
      if (path !== 'Dockerfile') expect(text, path).toBe(readFileSync(join(ROOT, 'fixtures/web-stack', path), 'utf8'));
    const container = await build(title, 'python', async () => {});
    const get = [
      'python3',
      '-c',
      "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/').read().decode(), end='')",
    ];
    expect(await answers(container, get)).toBe('visit 1\n');
    expect(await answers(container, get)).toBe('visit 2\n');
    expect(await answers(container, ['muster', 'status', '--check'])).toEqual(expect.any(String));
    await container.stop(100);
    expect(await container.ended()).toBe(0);
    expect(container.stdout()).toMatch(/bye bye/);
  });

  test('an image FROM scratch', async () => {
    const container = await build('An image FROM scratch', 'scratch', async (context) => {
      copyFileSync('/bin/busybox', join(context, 'busybox'));
      outputFileSync(join(context, 'index.html'), 'served\n');
      for (const [library] of (await must(['ldd', BUILT])).matchAll(/\/\S+/g)) {
        mkdirSync(dirname(join(context, library)), { recursive: true });
        copyFileSync(library, join(context, library));
      }
    });
    expect(await answers(container, ['/bin/busybox', 'wget', '-qO-', 'http://127.0.0.1:8080/'])).toBe('served\n');
    await container.stop(100);
    expect(await container.ended()).toBe(0);
  });
});
