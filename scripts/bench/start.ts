/**
 * What starting a command costs: each one on a small live directory, in turn with a program, compiled in the same way,
 * that writes one line, and with `s6-rc help` where that is on PATH. The first one's time is the floor; the rest is Muster's.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printTable } from './shared/measure.ts';
import { benchDirectory, makeLayers } from './shared/trees.ts';

const ROUNDS = 41;
const BUILD = join(import.meta.dirname, '../../build');
const directory = benchDirectory();
const compiled = join(directory, 'compiled');
const source = join(directory, 'source');
const bare = join(directory, 'bare');
const environment = { ...process.env, RC_LIVE: join(directory, 'live'), RC_COMPILED: compiled, RC_SOURCE: source };

/** Milliseconds of the whole process. */
function run(words: readonly string[]): number {
  const start = performance.now();
  const ran = Bun.spawnSync([...words], { env: environment, stdout: 'ignore', stderr: 'pipe' });
  const elapsed = performance.now() - start;
  if (ran.exitCode !== 0) throw new Error(`${words.join(' ')}: ${ran.exitCode}\n${ran.stderr}`);
  return elapsed;
}

/** The median of each; the first round does not count. */
function measureInTurn(lines: readonly (readonly string[])[]): number[] {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => lines.map(run)).slice(1);
  return lines.map((_, i) => median(rounds.map((round) => round[i]!)));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

const COMMANDS: readonly (readonly string[])[] = [
  ['rc-status'],
  ['rc-list'],
  ['rc-why', 'service-000001'],
  ['rc-db', 'list'],
  ['rc-change', 'service-000001'],
  ['rc-change', '-n', 'all'],
  ['rc-compile', '--check', source],
  ['rc-diff'],
  ['rc-update', '-n', compiled],
];

try {
  makeLayers(source, 10);
  writeFileSync(join(directory, 'bare.ts'), `import { writeSync } from 'node:fs';\nwriteSync(1, 'one line\\n');\n`);
  await Bun.build({
    entrypoints: [join(directory, 'bare.ts')],
    target: 'bun',
    format: 'esm',
    minify: true,
    bytecode: true,
    compile: { outfile: bare },
  });
  const muster = ([command, ...args]: readonly string[]) => [join(BUILD, command!), ...args];
  run(muster(['rc-compile', source, compiled]));
  run(muster(['rc-init']));
  run(muster(['rc-change', 'service-000001']));
  const peer = Bun.which('s6-rc') === null ? [] : [['s6-rc', 'help']];
  const others = [[bare], ...peer];
  const starts = COMMANDS.map(([command]) => muster([command!, '--version']));
  const costs = measureInTurn([...others, ...starts, ...COMMANDS.map(muster)]);
  run(muster(['rc-shutdown']));
  const floor = costs[0]!;
  const work = costs.slice(others.length + starts.length);
  const peers = (ms: number) => (peer.length === 0 ? '' : (ms / costs[1]!).toFixed(1));
  printTable([
    [`median of ${ROUNDS}, 10 services`, 'start alone, ms', '÷ s6-rc help', 'with its work, ms', 'above the floor, ms'],
    ...['a program that writes one line', ...peer.map((words) => words.join(' '))].map((title, i) => {
      const elapsed = costs[i]!;
      return [title, elapsed.toFixed(1), peers(elapsed), '', ''];
    }),
    ...COMMANDS.map((words, i) => {
      const start = costs[others.length + i]!;
      const elapsed = work[i]!;
      const title = words.join(' ').replace(directory, '…');
      return [title, start.toFixed(1), peers(start), elapsed.toFixed(1), (elapsed - floor).toFixed(1)];
    }),
  ]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
