/** Every recorded update of s6-rc-update, done for real on the embedded tree. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentedDifferences, RECORDED, type UpdateCase } from './recorded.ts';
import { TestSite } from './test-site.ts';

interface Result {
  readonly exit: number | null;
  readonly upAfter: readonly string[];
  readonly sameProcess: readonly (readonly [string, string])[];
  readonly log: readonly string[];
}

async function update(recorded: UpdateCase): Promise<Result & { readonly inOrder: readonly string[] }> {
  const site = new TestSite();
  try {
    await site.boot(recorded.tree1, recorded.upBefore);
    expect(await site.up()).toEqual(recorded.upBefore);
    const before = await site.pids();
    const logged = site.log().length;
    await site.compile(recorded.tree2);
    const args = [...(recorded.flags ?? [])];
    if (recorded.conversion !== undefined) {
      writeFileSync(join(site.root, 'conversion'), recorded.conversion);
      args.push('-f', join(site.root, 'conversion'));
    }
    const { status } = await site.runAside('rc-update', ...args);
    const after = await site.pids();
    const inOrder = site.log().slice(logged);
    const sameProcess = [...after].flatMap(([name, pid]) =>
      [...before].filter(([, earlier]) => earlier === pid).map(([old]) => [old, name] as const),
    );
    return { exit: status, upAfter: await site.up(), sameProcess, log: [...inOrder].sort(), inOrder };
  } finally {
    site.remove();
  }
}

function expected({ exit, upAfter, sameProcess, log = [] }: UpdateCase): Result {
  return { exit, upAfter, sameProcess, log };
}

/** Pairs of lines that came in the wrong order. */
function disorder(inOrder: readonly string[], before: UpdateCase['before'] = []): string[] {
  return before.flatMap(([first, second]) =>
    inOrder.indexOf(first) < inOrder.indexOf(second) ? [] : [`${first} after ${second}`],
  );
}

test('every recorded update ends as with s6-rc, or docs/comparison.md says why not', async () => {
  const different = new Map<string, string>();
  const todo = [...RECORDED];
  const work = async (): Promise<void> => {
    for (let recorded = todo.pop(); recorded !== undefined; recorded = todo.pop()) {
      const { inOrder, ...result } = await update(recorded);
      const ours = JSON.stringify(result);
      const theirs = JSON.stringify(expected(recorded));
      if (ours !== theirs) different.set(recorded.name, `${recorded.name}\n${ours}\n${theirs}`);
      else expect(disorder(inOrder, recorded.before), recorded.name).toEqual([]);
    }
  };
  await Promise.all([work(), work(), work()]);
  const listed = new Set([...documentedDifferences('Updating'), ...documentedDifferences('Updating that fails')]);
  const names = [...different.keys()].sort();
  expect(names, [...different.values()].join('\n')).toEqual([...listed].sort());
}, 300_000);
