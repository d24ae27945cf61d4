/** What a dry run says, what a plan file says, and what is then done are the same: on every recorded update. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateDocument } from '@muster/core/plan/update/document';
import { expect, test } from 'vitest';
import { RECORDED, type UpdateCase } from './recorded.ts';
import { TestSite } from './test-site.ts';

interface Told {
  readonly event: string;
  readonly service?: string;
  readonly result?: string;
}

const ACTIONS: Readonly<Record<string, string>> = { up: 'up', ready: 'up', down: 'down', reloaded: 'reload' };

/** How far a case could be compared: what cannot be planned, or fails by itself, ends earlier. */
type Compared = 'not planned' | 'failed' | 'restarted' | 'moved';

async function compare(recorded: UpdateCase): Promise<Compared> {
  const site = new TestSite();
  try {
    await site.boot(recorded.tree1, recorded.upBefore);
    await site.compile(recorded.tree2);
    const options = [...(recorded.flags ?? [])];
    const conversion = join(site.root, 'conversion');
    if (recorded.conversion !== undefined) {
      writeFileSync(conversion, recorded.conversion);
      options.push('-f', conversion);
    }
    const dry = await site.runAside('rc-update', '-n', '--json', ...options);
    if (dry.status !== 0) return 'not planned';
    if (options.length === 0) expect((await site.runAside('rc-diff', '--plan')).stdout).toBe(dry.stdout);
    const file = join(site.root, 'plan');
    writeFileSync(file, dry.stdout);
    const { transitions, base, target } = JSON.parse(dry.stdout) as UpdateDocument;

    const { status, stdout } = await site.runAside('rc-update', '--plan', file, '--json');
    const told = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Told);
    expect(told.at(-1)).toMatchObject({
      event: 'done',
      result: recorded.switched || status === 0 ? 'updated' : 'undone',
    });
    if (status !== 0) return 'failed';
    const done = told.flatMap(({ event, service }) =>
      ACTIONS[event] === undefined ? [] : [`${ACTIONS[event]} ${service}`],
    );
    expect([...done].sort()).toEqual(transitions.map(({ action, service }) => `${action} ${service}`).sort());
    for (const { action, service, needs } of transitions) {
      for (const need of needs) {
        expect(done.indexOf(`${action} ${need}`)).toBeLessThan(done.indexOf(`${action} ${service}`));
      }
    }
    // A restart of the same database ends where it began, and could be asked for again.
    if (base.database === target.database) return 'restarted';
    const again = await site.runAside('rc-update', '--plan', file);
    expect([again.status, again.stderr]).toEqual([5, expect.stringMatching(/has moved/)]);
    return 'moved';
  } finally {
    site.remove();
  }
}

test('a plan is what happens, and is refused once the world has moved', async () => {
  const counts: Record<Compared, number> = { 'not planned': 0, failed: 0, restarted: 0, moved: 0 };
  const todo = RECORDED.filter((_, index) => index % 3 === 0);
  const work = async (): Promise<void> => {
    for (let recorded = todo.pop(); recorded !== undefined; recorded = todo.pop()) {
      counts[
        await compare(recorded).catch((error) => {
          throw Object.assign(error as Error, { message: `${recorded!.name}: ${(error as Error).message}` });
        })
      ]++;
    }
  };
  await Promise.all([work(), work(), work()]);
  expect(counts).toEqual({ 'not planned': 6, failed: 2, restarted: 4, moved: 33 });
}, 300_000);
