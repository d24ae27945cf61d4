/** Pages with commands in them say what the product answers (scripts/tutorial.ts --write PAGE brings one up to date). */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './machine.ts';

const moving = readdirSync(join(ROOT, 'docs/moving')).map((page) => `docs/moving/${page}`);

test.each(['README.md', ...moving])('%s shows what the commands really answer', (page) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/tutorial.ts'), page], {
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).toMatch(/^\d+ commands of the tutorial, 0 with another answer\n$/);
  expect(status).toBe(0);
});
