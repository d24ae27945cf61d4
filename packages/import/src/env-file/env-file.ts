/** `.env` files, as foreman and its relatives read them: `NAME=VALUE` lines, a value may be in quotes. */
import type { Account } from '../account/account.ts';
import type { Directive } from '../account/directive.ts';

export interface EnvironmentLine {
  readonly name: string;
  readonly value: string;
  readonly from: Directive;
}

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*$/;

/** The last of a name counts. Lines that are none of these stay unclaimed. */
export function readEnvironmentFile(path: string, text: string, account: Account): readonly EnvironmentLine[] {
  const file = account.open(path, text);
  const found = new Map<string, EnvironmentLine>();
  for (const [at, line] of file.lines.entries()) {
    if (/^\s*(#|$)/.test(line)) {
      file.skip(at + 1);
      continue;
    }
    const [, name, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const from = file.directive({ line: at + 1, section: '', key: name, value });
    const before = found.get(name);
    if (before !== undefined) account.settle([before.from], { result: 'ignored', message: 'overridden' });
    found.set(name, { name, value: unquoted(value), from });
  }
  return [...found.values()];
}

function unquoted(value: string): string {
  const [, single] = /^'([^']*)'(?:\s+#.*)?$/.exec(value) ?? [];
  if (single !== undefined) return single;
  const [, double] = /^"((?:[^"\\]|\\.)*)"(?:\s+#.*)?$/.exec(value) ?? [];
  if (double === undefined) return value.replace(/\s+#.*$/, '');
  return double.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}
