/** Columns of text, each as wide as its widest cell; the last one is not padded. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const last = widths.length - 1;
  return rows
    .map((row) => `${row.map((cell, column) => (column === last ? cell : cell.padEnd(widths[column]!))).join('  ')}`)
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
