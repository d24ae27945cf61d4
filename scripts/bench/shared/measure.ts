/** Running programs and taking the time. */

export interface Measured {
  /** Milliseconds. */
  readonly median: number;
  /** The largest resident set of any run, in MB. */
  readonly memory: number;
}

/** Runs `command` so often, after one run that does not count; null if it fails. `between` cleans up before each run. */
export function measure(command: readonly string[], times: number, between: () => void = () => {}): Measured | null {
  const elapsed: number[] = [];
  let memory = 0;
  for (let i = -1; i < times; i++) {
    between();
    const start = performance.now();
    const ran = Bun.spawnSync([...command], { stdout: 'ignore', stderr: 'ignore' });
    const took = performance.now() - start;
    if (ran.exitCode !== 0) return null;
    if (i >= 0) elapsed.push(took);
    memory = Math.max(memory, ran.resourceUsage?.maxRSS ?? 0);
  }
  return { median: elapsed.sort((a, b) => a - b)[elapsed.length >> 1]!, memory: memory / 2 ** 20 };
}

export function milliseconds(measured: Measured | null): string {
  if (measured === null) return 'fails';
  return measured.median < 10 ? measured.median.toFixed(1) : measured.median.toFixed(0);
}

export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  rows.forEach((row, i) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    console.log(`| ${cells.join(' | ')} |`);
    if (i === 0) console.log(`| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  });
}
