/** Every recorded change of s6-rc, done for real on the embedded tree. docs/comparison.md lists where they differ, and why. */
import { eventually } from '@muster/posix/test/eventually';
import { expect, test } from 'vitest';
import { TestSite } from '../update/test-site.ts';
import { type ChangeCase, type ChangeStep, documentedDifferences, RECORDED, translated } from './recorded.ts';

interface Result {
  readonly exit: number | null;
  readonly up: readonly string[];
  readonly stdout?: readonly string[];
  readonly log: readonly string[];
}

async function perform(site: TestSite, step: ChangeStep): Promise<(Result & { inOrder: string[] }) | null> {
  const line = translated(step.args);
  if (line === null) return null;
  const logged = site.log().length;
  const { status, stdout } = await site.runAside(line.command, ...line.args);
  const inOrder = site.log().slice(logged);
  return {
    exit: status,
    up: await site.up(),
    ...(step.stdout === undefined ? {} : { stdout: stdout.split('\n').slice(0, -1) }),
    log: [...inOrder].sort(),
    inOrder,
  };
}

/** Refusing to stop an essential service is 5 with us, everywhere (docs/comparison.md). */
function expected({ exit, up, stdout, log = [], kept }: ChangeStep): Result {
  const ours = kept !== undefined && exit === 0 ? 5 : exit;
  return { exit: ours, up, ...(stdout === undefined ? {} : { stdout }), log };
}

/** What a case does otherwise than s6-rc, or nothing. */
async function differences({ tree, steps }: ChangeCase): Promise<string[]> {
  const site = new TestSite();
  const found: string[] = [];
  try {
    await site.boot(tree, []);
    for (const [at, step] of steps.entries()) {
      if ('wait' in step) {
        await deathsSeenBy(steps[at + 1], site);
        continue;
      }
      const done = await perform(site, step);
      if (done === null) continue;
      const { inOrder, ...result } = done;
      const [ours, theirs] = [JSON.stringify(result), JSON.stringify(expected(step))];
      if (ours !== theirs) found.push(`${step.args.join(' ')}\n  ${ours}\n  ${theirs}`);
      found.push(...disorder(inOrder, step).map((what) => `${step.args.join(' ')}\n  ${what}`));
    }
  } finally {
    site.remove();
  }
  return found;
}

/** Where the recording let time pass, something died meanwhile, and s6-rc's `diff` showed it next. */
async function deathsSeenBy(step: ChangeCase['steps'][number] | undefined, site: TestSite): Promise<void> {
  if (step === undefined || 'wait' in step) throw new Error('nothing was recorded after a wait');
  const dead = (step.stdout ?? []).filter((line) => line.startsWith('-')).map((line) => line.slice(1));
  await eventually(`${dead.join(', ')} died`, async () => {
    const up = await site.up();
    return dead.every((name) => !up.includes(name));
  });
}

function disorder(inOrder: readonly string[], { before = [], downsFirst }: ChangeStep): string[] {
  const wrong = before.filter(([first, second]) => inOrder.indexOf(first) > inOrder.indexOf(second));
  const firstUp = inOrder.findIndex((line) => line.startsWith('up '));
  const lastDown = inOrder.findLastIndex((line) => line.startsWith('down '));
  const mixed = downsFirst === true && firstUp !== -1 && lastDown > firstUp;
  return [...wrong.map(([first, second]) => `${first} after ${second}`), ...(mixed ? ['a stop after a start'] : [])];
}

test('every recorded change ends as with s6-rc, or docs/comparison.md says why not', async () => {
  expect(RECORDED.length).toBeGreaterThan(110);
  const different = new Map<string, string>();
  const todo = [...RECORDED];
  const work = async (): Promise<void> => {
    for (let recorded = todo.pop(); recorded !== undefined; recorded = todo.pop()) {
      const found = await differences(recorded);
      if (found.length > 0) different.set(recorded.name, `${recorded.name}\n${found.join('\n')}`);
    }
  };
  await Promise.all([work(), work(), work()]);
  const names = [...different.keys()].sort();
  expect(names, [...different.values()].join('\n')).toEqual([...documentedDifferences()].sort());
}, 600_000);
