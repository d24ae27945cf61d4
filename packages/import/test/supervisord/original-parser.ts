/** Debian's supervisord as the judge of what a configuration says. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

type Reader = 'ini' | 'pairs' | 'command' | 'format' | 'size' | 'boolean' | 'codes' | 'signal';

export const hasSupervisord = spawnSync('/usr/bin/python3', ['-c', 'import supervisor.options']).status === 0;
if (!hasSupervisord) console.log("skipped: what supervisord's own parser says, since it is not here");

/** What it reads in each text, or null where it refuses it. */
export function askOriginal(questions: readonly (readonly [Reader, string])[]): unknown[] {
  const asked = spawnSync('/usr/bin/python3', [join(import.meta.dirname, 'original-parser.py')], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (asked.status !== 0) throw new Error(asked.stderr);
  const answers = JSON.parse(asked.stdout) as { value?: unknown }[];
  return answers.map((answer) => (Object.hasOwn(answer, 'value') ? answer.value : null));
}
