/**
 * The commands and answers in a page, so that they can be run and held to what the product says.
 *
 * A block with the language `console` is a terminal: a line that starts with `$ ` is a command, lines after it that start
 * with `> ` continue it, and the lines up to the next command are what it answers.
 */

export interface Step {
  /** A shell command, of one or more lines. */
  readonly command: string;
  readonly answer: string;
  /** Index of the first line of the answer in the page, and the number of its lines. */
  readonly line: number;
  readonly lines: number;
}

export function stepsIn(page: string): Step[] {
  const steps: Step[] = [];
  const lines = page.split('\n');
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] !== '```console') continue;
    at++;
    while (lines[at] !== '```') {
      const step = stepAt(lines, at);
      steps.push(step);
      at = step.line + step.lines;
    }
  }
  return steps;
}

function stepAt(lines: readonly string[], start: number): Step {
  if (!lines[start]!.startsWith('$ ')) throw new Error(`line ${start + 1}: a command starts with '$ '`);
  let at = start;
  const command = [lines[at++]!.slice(2)];
  while (isContinuation(lines[at]!)) command.push(lines[at++]!.slice(2));
  const line = at;
  while (lines[at] !== '```' && !lines[at]!.startsWith('$ ')) at++;
  return { command: command.join('\n'), answer: lines.slice(line, at).join('\n'), line, lines: at - line };
}

function isContinuation(line: string): boolean {
  return line === '>' || line.startsWith('> ');
}

/** The page with other answers: one for each of its steps. */
export function withAnswers(page: string, steps: readonly Step[], answers: readonly string[]): string {
  const lines = page.split('\n');
  for (const [index, step] of [...steps.entries()].reverse()) {
    const answer = answers[index]!;
    lines.splice(step.line, step.lines, ...(answer === '' ? [] : answer.split('\n')));
  }
  return lines.join('\n');
}

/** What must be the same in every run: numbers, times and the width of columns are not. */
export function lasting(answer: string): string {
  return answer
    .replace(/\b[0-9a-f]{12,64}\b/g, 'HASH')
    .replace(/\d+(\.\d+)?/g, 'N')
    .replace(/\bN(ms|s|m| ms| s| min)\b/g, 'TIME')
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '');
}
