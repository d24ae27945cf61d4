/**
 * Runs the commands in a page, README.md or the one that is named, in a directory of their own, and compares what each answers with
 * the page. With `--write` it puts the new answers into the page instead. Exit status 1: they differ.
 */
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRamDirectory } from '../packages/cli/test/end-to-end/ram.ts';
import { lasting, type Step, stepsIn, withAnswers } from './tutorial/blocks.ts';

const root = join(import.meta.dirname, '..');
const name = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? 'README.md';
const page = join(root, name);
const text = readFileSync(page, 'utf8');
const steps = stepsIn(text);
const answers = runAll(steps);

if (process.argv.includes('--write')) {
  writeFileSync(page, withAnswers(text, steps, answers));
} else {
  const different = steps.filter((step, index) => lasting(step.answer) !== lasting(answers[index]!));
  for (const step of different) {
    console.error(`${name}:${step.line}: $ ${step.command}`);
    console.error(`the page says:\n${step.answer}\nit answered:\n${answers[steps.indexOf(step)]}\n`);
  }
  console.log(`${steps.length} commands of the tutorial, ${different.length} with another answer`);
  process.exit(different.length === 0 ? 0 : 1);
}

/** All commands in one shell, as a reader types them; what each one answers, without the last newline. */
function runAll(steps: readonly Step[]): string[] {
  const directory = makeRamDirectory().path;
  const script = join(directory, '.script');
  const output = join(directory, '.output');
  const MARK = '--- the next command ---';
  const env = {
    ...process.env,
    PATH: `${join(root, 'build')}:${process.env.PATH}`,
    RC_LIVE: join(directory, 'live'),
  };
  try {
    writeFileSync(script, steps.map(({ command }) => `${command}\necho '${MARK}'\n`).join(''));
    const file = openSync(output, 'w');
    Bun.spawnSync(['sh', script], { cwd: directory, env, stdio: ['ignore', file, file] });
    const answers = readFileSync(output, 'utf8').replaceAll(directory, '/home/you').split(`${MARK}\n`);
    return answers.slice(0, -1).map((answer) => answer.trimEnd());
  } finally {
    Bun.spawnSync(['rc-shutdown'], { env });
    rmSync(directory, { recursive: true, force: true });
  }
}
