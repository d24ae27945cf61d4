/**
 * 100,000 restarts (or as many as the first argument says) of services that exit at once, in one tree. Prints its memory
 * and descriptors on the way; fails if either grows.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFifo } from '@muster/posix/fifo';
import { eventually } from '../../packages/posix/test/eventually.ts';

const RESTARTS = Number(process.argv[2] ?? 100_000);
const SERVICES = 4;
/** Kilobytes that the heap may be larger by at one moment than at another. */
const BREATH = 8_000;

const root = mkdtempSync('/dev/shm/muster-restarts-');
const scandir = join(root, 'scan');
for (let index = 0; index < SERVICES; index++) {
  const directory = join(scandir, `s${index}`);
  mkdirSync(directory, { recursive: true });
  symlinkSync('/bin/true', join(directory, 'run'));
  writeFileSync(join(directory, 'restart-delay'), '0\n');
}
const events = join(scandir, '.rc-svscan/event');
const tree = spawn(join(import.meta.dirname, '../../build/muster'), ['svscan', scandir], { stdio: 'ignore' });
await eventually('the tree', () => existsSync(events));
makeFifo(join(events, 'soak'), 0o600);

let starts = 0;
let next = RESTARTS / 20;
const began = performance.now();
const seen: { readonly kilobytes: number; readonly descriptors: number }[] = [];
const decoder = new TextDecoder();
for await (const bytes of Bun.file(join(events, 'soak')).stream()) {
  for (const line of decoder.decode(bytes).split('\n')) if (line.startsWith('u ')) starts++;
  if (starts < next) continue;
  next += RESTARTS / 20;
  const smaps = readFileSync(`/proc/${tree.pid}/smaps_rollup`, 'latin1');
  const kilobytes = Number(/^Pss_Anon: +(\d+)/m.exec(smaps)![1]);
  const descriptors = readdirSync(`/proc/${tree.pid}/fd`).length;
  seen.push({ kilobytes, descriptors });
  const each = (performance.now() - began) / starts;
  console.log(`${starts} restarts, ${each.toFixed(2)} ms each: ${kilobytes} kB of its own, ${descriptors} descriptors`);
  if (starts >= RESTARTS) break;
}
tree.kill('SIGTERM');
await new Promise((resolve) => tree.once('exit', resolve));
rmSync(root, { recursive: true });

// The first quarter fills caches and compiles; after that nothing may go on growing.
const settled = seen.slice(Math.floor(seen.length / 4));
const middle = Math.floor(settled.length / 2);
const least = (part: typeof settled) => Math.min(...part.map(({ kilobytes }) => kilobytes));
const grown = least(settled.slice(middle)) - least(settled.slice(0, middle));
const most = Math.max(...settled.map(({ descriptors }) => descriptors));
console.log(`memory grew by ${grown} kB, descriptors at most ${most}`);
process.exit(grown < BREATH && most < 100 ? 0 : 1);
