/** The tutorial in README.md says what the product answers (scripts/tutorial.ts --write brings it up to date). */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './machine.ts';

test('README.md shows what the commands really answer', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/tutorial.ts')], {
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).toMatch(/^\d+ commands of the tutorial, 0 with another answer\n$/);
  expect(status).toBe(0);
});
