/**
 * A row of the table: one thing that several sides do, measured in turn in one run, because machines differ by a factor of
 * twenty in what a process start costs, and one machine differs from one minute to the next. Only ratios carry over.
 */

export interface Side {
  readonly who: string;
  /** Measures once. */
  once(): number | Promise<number>;
  /** Undoes what the sides leave; at the end, whatever happened, that of the last side first. */
  end?(): unknown;
}

export const MUSTER = 'Muster';

/** At most so much of what another side takes. */
export interface Bar {
  readonly of: string;
  readonly atMost: number;
  /** Which of ours; absent means the first one. */
  readonly ours?: string;
}

export interface RowPlan {
  readonly title: string;
  readonly unit: 'ms' | 'MB';
  readonly bars: readonly Bar[];
  /** Sides that are not on PATH are left out; ours come first. */
  open(): Promise<readonly Side[]> | readonly Side[];
  /** Absent means as many as there is time for. */
  readonly rounds?: number;
}

export interface Measured {
  readonly who: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly values: readonly number[];
}

export interface Row {
  readonly title: string;
  readonly unit: 'ms' | 'MB';
  readonly rounds: number;
  readonly sides: readonly Measured[];
  readonly bars: readonly (Bar & { readonly ratio: number; readonly isHeld: boolean })[];
}

export interface Limits {
  /** At least, and at most: between the two, as long as the row has `budget`. */
  readonly fewest: number;
  readonly most: number;
  /** Milliseconds a row. */
  readonly budget: number;
}

/** One side after the other, again and again; a first round that fills caches does not count where there are many. */
export async function measureRow(plan: RowPlan, { fewest, most, budget }: Limits): Promise<Row> {
  const sides = await plan.open();
  const values = sides.map((): number[] => []);
  const began = performance.now();
  const enough = plan.rounds ?? fewest;
  let rounds = 0;
  try {
    for (let round = 0; round < (plan.rounds ?? most); round++) {
      if (round >= enough && performance.now() - began > budget) break;
      for (const [at, side] of sides.entries()) values[at]?.push(await side.once());
      rounds++;
    }
  } finally {
    for (const side of sides.toReversed()) await side.end?.();
  }
  const measured = sides.map(({ who }, at) => summary(who, values[at] ?? []));
  return { title: plan.title, unit: plan.unit, rounds, sides: measured, bars: barsOf(plan.bars, measured) };
}

function summary(who: string, values: readonly number[]): Measured {
  const sorted = values.toSorted((a, b) => a - b);
  return { who, median: medianOf(sorted), least: sorted.at(0) ?? 0, most: sorted.at(-1) ?? 0, values };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** What is not measured here is not judged. A ratio is the median of those of single rounds: each of them had one machine. */
function barsOf(bars: readonly Bar[], sides: readonly Measured[]): Row['bars'] {
  return bars.flatMap((bar) => {
    const ours = sides.find(({ who }) => who === (bar.ours ?? MUSTER));
    const other = sides.find(({ who }) => who === bar.of);
    if (ours === undefined || other === undefined) return [];
    const ratio = medianOf(ours.values.map((value, round) => value / (other.values[round] ?? Number.NaN)));
    return [{ ...bar, ratio, isHeld: ratio <= bar.atMost }];
  });
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
