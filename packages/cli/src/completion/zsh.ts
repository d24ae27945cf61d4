/** Completion for zsh: a function for each command. */
import { type Described, NAMES } from './commands.ts';

export function renderZsh(commands: readonly Described[]): string {
  const functions = commands.map(
    ({ name, options, takes }) => `_muster_${name}() {
  _arguments -s \\
${options.flatMap(optionLines).join(' \\\n')} \\
    '*:${takes === 'services' ? 'name:_muster_names' : takes === 'files' ? 'file:_files' : `what:(${takes.join(' ')})`}'
}`,
  );
  const list = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  return `#compdef muster ${commands.map(({ name }) => `rc-${name}`).join(' ')}
# Completion of muster and its links for zsh.
_muster_names() {
  local -a names
  names=("\${(@f)$(${NAMES})}")
  compadd -a names
}
${functions.join('\n')}
_muster() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  local command=\${service#rc-}
  if [[ $command = muster ]]; then
    if (( CURRENT == 2 )); then _describe command commands; return; fi
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  (( $+functions[_muster_$command] )) && _muster_$command
}
_muster "$@"
`;
}

function optionLines({ long, short, value, help }: Described['options'][number]): string[] {
  const text = `[${quoted(help).replace(/[[\]]/g, '\\$&')}]${value === undefined ? '' : `:${value}:_files`}`;
  const lines = [`    '--${long}${value === undefined ? '' : '='}${text}'`];
  if (short !== undefined) lines.push(`    '-${short}${text}'`);
  return lines;
}

function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
}
