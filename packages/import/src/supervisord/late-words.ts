/** What supervisord knows only when it starts a program: variables of its environment, and the number of the process. */
import { failure, type Result, success } from '@muster/core/result';
import type { LateCommand, LateContext, ReadyCommand } from '../exec/rules.ts';
import { expandFormat } from './python-format.ts';
import { splitCommand, splitPairs } from './shlex.ts';

export function supervisordWords(command: LateCommand, context: LateContext): Result<ReadyCommand, string> {
  const names = new Map<string, string | number>([['host_node_name', context.hostname]]);
  for (const [name, value] of context.environment) names.set(`ENV_${name}`, value);
  const instance = context.environment.get('RC_INSTANCE');
  if (instance !== undefined) names.set('process_num', Number(instance));
  const expand = (text: string) => {
    const expanded = expandFormat(text, (name) => names.get(name));
    return expanded.ok ? success(expanded.value.text) : failure(`${expanded.problem} (in ${text})`);
  };
  const environment = new Map<string, string>();
  for (const text of command.environment) {
    const expanded = expand(text);
    if (!expanded.ok) return expanded;
    const { pairs, problem } = splitPairs(expanded.value);
    if (problem !== null) return failure(problem);
    for (const [name, value] of pairs) {
      environment.set(name, value);
      names.set(`ENV_${name}`, value);
    }
  }
  const directory = command.directory === null ? success(null) : expand(command.directory);
  if (!directory.ok) return directory;
  const text = expand(command.words.join(' '));
  if (!text.ok) return text;
  const words = splitCommand(text.value);
  if (!words.ok) return words;
  const [program, ...others] = words.value;
  if (program === undefined) return failure('the command is empty');
  return success({ argv: [program, ...others], environment, directory: directory.value });
}
