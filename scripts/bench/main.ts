/**
 * What Muster and its peers reach on this machine, in one table.
 *
 *     npm run bench                              every row
 *     npm run bench boot update                  rows of these kinds
 *     npm run bench -- --sizes 10,100 --seconds 20 --json run.json --page docs/benchmarks.md
 *     npm run bench restart makespan             benchmarks that print a table of their own
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Run, tableOf, writePage } from './render.ts';
import { bootRows } from './rows/boot.ts';
import { compileRows } from './rows/compile.ts';
import { memoryRows } from './rows/memory.ts';
import { onS6Rows } from './rows/on-s6.ts';
import { probeRows, updateRows } from './rows/running.ts';
import { startRow } from './rows/start.ts';
import { machineHere } from './shared/machine.ts';
import { measureRow, type Row, type RowPlan } from './shared/row.ts';
import { benchDirectory } from './shared/trees.ts';

type Plans = (directory: string, sizes: readonly number[] | null) => readonly RowPlan[];

const KINDS: Readonly<Record<string, Plans>> = {
  boot: (directory, sizes) => bootRows(directory, sizes ?? [10, 100, 1000]),
  'on-s6': (directory, sizes) => onS6Rows(directory, sizes ?? [1000]),
  compile: (directory, sizes) => compileRows(directory, sizes ?? [10, 100, 1000, 5000]),
  start: (directory) => [startRow(directory)],
  update: (directory, sizes) => updateRows(directory, sizes ?? [100, 1000]),
  status: (directory, sizes) => probeRows(directory, sizes ?? [100, 1000]),
  memory: (directory, sizes) => memoryRows(directory, sizes ?? [10, 100, 1000]),
};

/** Each prints its own tables. */
const OTHERS = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !['main.ts', 'render.ts'].includes(file))
  .map((file) => file.slice(0, -'.ts'.length));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'string' },
    /** How long a row may go on once it has been measured `fewest` times. */
    seconds: { type: 'string', default: '20' },
    fewest: { type: 'string', default: '3' },
    most: { type: 'string', default: '41' },
    json: { type: 'string' },
    page: { type: 'string' },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(KINDS, name) && !OTHERS.includes(name));
if (unknown !== undefined) {
  console.error(`there is no benchmark '${unknown}'; there are: ${[...Object.keys(KINDS), ...OTHERS].join(' ')}`);
  process.exit(100);
}
const sizes = values.sizes === undefined ? null : values.sizes.split(',').map(Number);
if (sizes?.some((size) => !Number.isInteger(size) || size < 1)) {
  console.error(`--sizes takes numbers of services: 10,100`);
  process.exit(100);
}

const directory = benchDirectory();
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const machine = machineHere(loadavg()[0] ?? 0);
const rows: Row[] = [];
for (const [kind, plans] of Object.entries(KINDS)) {
  if (positionals.length > 0 && !positionals.includes(kind)) continue;
  for (const plan of plans(directory, sizes)) {
    console.error(`==> ${plan.title}`);
    const limits = { fewest: Number(values.fewest), most: Number(values.most), budget: Number(values.seconds) * 1000 };
    rows.push(await measureRow(plan, limits));
    if (values.json !== undefined) save(values.json, { machine, rows });
  }
}
if (rows.length > 0) console.log(tableOf(rows));
if (values.page !== undefined) writePage(values.page, { machine, rows });
for (const name of OTHERS.filter((other) => positionals.includes(other)))
  await import(join(import.meta.dirname, `${name}.ts`));

/** After every row: what was measured is not lost with the rest. */
function save(path: string, run: Run): void {
  writeFileSync(path, `${JSON.stringify(run, null, 2)}\n`);
}
