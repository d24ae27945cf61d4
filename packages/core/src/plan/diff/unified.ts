/** Unified diffs of texts, as diff -u writes them: Myers' algorithm on lines. */

const CONTEXT = 3;
/** Beyond this many differences the rest is shown as replaced as a whole: time and memory grow with their square. */
const MOST_DIFFERENCES = 2000;

type Edit = { readonly mark: ' ' | '-' | '+'; readonly line: string };

/** The lines of a unified diff from `before` to `after`, without the two lines that name the files; none if equal. */
export function unifiedDiff(before: string, after: string): string[] {
  return hunks(edits(linesOf(before), linesOf(after)));
}

/** Lines with their ends: a last line without one is another line than the same with one. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function edits(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (line: string): Edit => ({ mark: ' ', line });
  return [
    ...a.slice(0, head).map(same),
    ...shortestEdits(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

function shortestEdits(a: readonly string[], b: readonly string[]): Edit[] {
  const traces = furthestReaches(a, b);
  return traces === undefined ? replaced(a, b) : walkBack(a, b, traces);
}

function replaced(a: readonly string[], b: readonly string[]): Edit[] {
  return [...a.map((line) => ({ mark: '-' as const, line })), ...b.map((line) => ({ mark: '+' as const, line }))];
}

/** For each number of differences, how far each diagonal reaches; undefined means too many differences. */
function furthestReaches(a: readonly string[], b: readonly string[]): Map<number, number>[] | undefined {
  const most = Math.min(a.length + b.length, MOST_DIFFERENCES);
  const traces: Map<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let count = 0; count <= most; count++) {
    traces.push(reach);
    const next = new Map(reach);
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let x = goesDown(reach, diagonal, count) ? reach.get(diagonal + 1)! : reach.get(diagonal - 1)! + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return traces;
    }
    reach = next;
  }
  return undefined;
}

function goesDown(reach: ReadonlyMap<number, number>, diagonal: number, count: number): boolean {
  return (
    diagonal === -count || (diagonal !== count && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1))
  );
}

function walkBack(a: readonly string[], b: readonly string[], traces: readonly Map<number, number>[]): Edit[] {
  const backwards: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let count = traces.length - 1; count >= 0; count--) {
    // How far each diagonal reached with so many edits: the search has noted it for all that the way back can ask for.
    const reach = traces[count]!;
    const down = goesDown(reach, x - y, count);
    const from = x - y + (down ? 1 : -1);
    const startX = count === 0 ? 0 : reach.get(from)!;
    const startY = count === 0 ? 0 : startX - from;
    while (x > startX && y > startY) {
      x--;
      y--;
      backwards.push({ mark: ' ', line: a[x]! });
    }
    if (count === 0) break;
    backwards.push(down ? { mark: '+', line: b[startY]! } : { mark: '-', line: a[startX]! });
    x = startX;
    y = startY;
  }
  return backwards.reverse();
}

function hunks(all: readonly Edit[]): string[] {
  const lines: string[] = [];
  const changed = all.flatMap((edit, index) => (edit.mark === ' ' ? [] : [index]));
  for (let first = 0; first < changed.length; ) {
    let last = first;
    while (last + 1 < changed.length && changed[last + 1]! - changed[last]! <= 2 * CONTEXT + 1) last++;
    const start = Math.max(0, changed[first]! - CONTEXT);
    const end = Math.min(all.length, changed[last]! + CONTEXT + 1);
    lines.push(...hunk(all.slice(0, start), all.slice(start, end)));
    first = last + 1;
  }
  return lines;
}

function hunk(skipped: readonly Edit[], shown: readonly Edit[]): string[] {
  const range = (without: '-' | '+'): string => {
    const before = skipped.filter(({ mark }) => mark !== without).length;
    const length = shown.filter(({ mark }) => mark !== without).length;
    return length === 1 ? `${before + 1}` : `${length === 0 ? before : before + 1},${length}`;
  };
  return [
    `@@ -${range('+')} +${range('-')} @@`,
    ...shown.flatMap(({ mark, line }) =>
      line.endsWith('\n') ? [`${mark}${line.slice(0, -1)}`] : [`${mark}${line}`, '\\ No newline at end of file'],
    ),
  ];
}
