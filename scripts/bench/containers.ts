/**
 * The stack of the Python recipe (fixtures/web-stack) under three process 1s in containers of one image: from `podman run` to the first
 * answer over HTTP, `podman stop`, and what memory all of it and process 1 with its helpers have. The sides take turns.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, Engine } from '../../packages/cli/test/containers/engine/engine.ts';
import type { Image } from '../../packages/cli/test/containers/engine/image.ts';
import { engineHere, openEngine } from '../../packages/cli/test/containers/engine/open-engine.ts';
import { eventually } from '../../packages/posix/test/eventually.ts';
import { printTable } from './shared/measure.ts';

const TURNS = 5;
const STACK = join(import.meta.dirname, '../../fixtures/web-stack');
const SERVICES = ['redis', 'app', 'nginx'];

const text = (path: string) => readFileSync(join(STACK, path), 'utf8');
/** The `run` of a service of the recipe. */
const runOf = (name: string) =>
  (Bun.TOML.parse(text(`source/${name}.service.toml`)) as { run: string }).run.trimStart();

const files: NonNullable<Image['files']> = {
  '/srv/app.py': text('app.py'),
  // Asked from outside, where no container has a network.
  '/etc/nginx.conf': text('nginx.conf').replace('listen 8080;', 'listen unix:/shared/http.sock;'),
  '/etc/supervisord.conf': text('supervisord.conf'),
  ...Object.fromEntries(
    [...SERVICES, 'default'].map((name) => [
      `/etc/rc/source/${name}.service.toml`,
      text(`source/${name}.service.toml`),
    ]),
  ),
  ...Object.fromEntries(SERVICES.map((name) => [`/srv/s6/${name}/run`, runOf(name)])),
};
const SIDES: Readonly<Record<string, readonly string[]>> = {
  'rc-container': ['/usr/bin/rc-container'],
  supervisord: ['/usr/bin/supervisord', '-c', '/etc/supervisord.conf'],
  's6-svscan, without order': ['/usr/bin/s6-svscan', '/srv/s6'],
};

/** Programs of the stack, by their command lines. */
const WORKERS = /redis-server|gunicorn|nginx/;

interface Figures {
  readonly start: number[];
  readonly stop: number[];
  readonly memory: number[];
  readonly own: number[];
}

if (engineHere === null) process.exit(0);
const engine = await openEngine();
try {
  const figures = Object.fromEntries(
    Object.keys(SIDES).map((side): [string, Figures] => [side, { start: [], stop: [], memory: [], own: [] }]),
  );
  for (let turn = -1; turn < TURNS; turn++)
    for (const [side, entrypoint] of Object.entries(SIDES)) {
      const measured = await once(engine, entrypoint);
      // The first builds the image.
      if (turn < 0) continue;
      for (const key of ['start', 'stop', 'memory', 'own'] as const) figures[side]![key].push(measured[key]);
    }
  printTable([
    [`${TURNS} turns, medians`, 'answers after, ms', 'stopped after, ms', 'all, MB', 'process 1 and helpers, MB'],
    ...Object.entries(figures).map(([side, { start, stop, memory, own }]) => [
      side,
      ...[start, stop, memory, own].map(median),
    ]),
  ]);
} finally {
  await engine.dispose();
}

async function once(on: Engine, entrypoint: readonly string[]) {
  const shared = mkdtempSync(join(tmpdir(), 'muster-shared-'));
  try {
    const began = performance.now();
    const container = await on.run({ base: 'debian', files, entrypoint }, { volumes: { '/shared': shared } });
    await eventually('an answer', () => isAnswering(join(shared, 'http.sock')));
    const start = performance.now() - began;
    const [memory, own] = await memoryOf(container);
    const stopping = performance.now();
    await container.stop(60);
    return { start, stop: performance.now() - stopping, memory, own };
  } finally {
    rmSync(shared, { recursive: true, force: true });
  }
}

async function isAnswering(unix: string): Promise<boolean> {
  try {
    return (await fetch('http://localhost/', { unix })).ok;
  } catch {
    return false;
  }
}

/** Proportional set sizes in MB: of everything in the PID namespace, and of what is none of the stack's programs. */
async function memoryOf(container: Container): Promise<[all: number, own: number]> {
  const namespace = readlinkSync(`/proc/${await container.pid()}/ns/pid`);
  let [all, own] = [0, 0];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${pid}/ns/pid`) !== namespace) continue;
      const size = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
      all += size;
      if (!WORKERS.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) own += size;
    } catch {
      // It has ended meanwhile.
    }
  }
  return [all, own];
}

function median(values: number[]): string {
  return values.sort((a, b) => a - b)[values.length >> 1]!.toFixed(0);
}
