/** "Did you mean": the names that are nearest to one that does not exist. */

const MOST = 3;

/**
 * At most three of `known` that are few edits away from `wrong`, nearest first; else those that `wrong` begins with
 * (`nginx.service`), else those that end in it (`essential`).
 */
export function nearest(wrong: string, known: Iterable<string>): string[] {
  const names = [...known];
  const few = fewEditsAway(wrong, names);
  if (few.length > 0) return few;
  const begun = names.filter(
    (name) => name !== '' && BOUNDARY.test(wrong[name.length] ?? '') && wrong.startsWith(name),
  );
  if (begun.length > 0) return begun.sort((a, b) => b.length - a.length).slice(0, 1);
  return names.filter((name) => wrong !== '' && name.endsWith(`-${wrong}`)).slice(0, MOST);
}

const BOUNDARY = /^[.@_-]$/;

function fewEditsAway(wrong: string, known: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(wrong.length / 3));
  const found: { name: string; distance: number }[] = [];
  for (const name of known) {
    if (Math.abs(name.length - wrong.length) > limit) continue;
    const distance = editDistance(wrong, name, limit);
    // `x` and `a` have nothing in common.
    if (distance <= limit && distance < Math.min(name.length, wrong.length)) found.push({ name, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const best = found[0]?.distance ?? 0;
  return found
    .filter(({ distance }) => distance <= best)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Insertions, deletions, replacements and swaps of neighbours; anything above `limit` once it is clear. Every row has a place for each prefix of `b`. */
function editDistance(a: string, b: string, limit: number): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, twoBack[j - 2]! + 1);
      current.push(distance);
      least = Math.min(least, distance);
    }
    if (least > limit) return limit + 1;
    twoBack = previous;
    previous = current;
  }
  return previous[b.length]!;
}
