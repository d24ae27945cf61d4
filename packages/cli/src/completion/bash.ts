/** Completion for bash: one function, and a case for each command. */
import { type Described, NAMES } from './commands.ts';

export function renderBash(commands: readonly Described[]): string {
  const cases = commands.map(({ name, options, takes }) => {
    const flags = options.flatMap(spellings);
    const words = options.filter(({ value }) => value !== undefined).flatMap(spellings);
    const operands =
      takes === 'files' ? '' : takes === 'services' ? `names=$(${NAMES})` : `names=$'${takes.join('\\n')}'`;
    return `    ${name}) flags='${flags.join(' ')}' valued=' ${words.join(' ')} ' ${operands} ;;`;
  });
  const links = commands.map(({ name }) => `rc-${name}`);
  return `# Completion of muster and its links for bash.
_muster() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[0]##*/}
  local flags='' valued='' names='' IFS=$' \\t\\n'
  command=\${command#rc-}
  if [ "$command" = muster ]; then
    if [ "$COMP_CWORD" = 1 ]; then
      COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$word"))
      return
    fi
    command=\${COMP_WORDS[1]}
  fi
  case $command in
${cases.join('\n')}
  esac
  case $valued in *" $previous "*) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
  case $word in -*) COMPREPLY=($(compgen -W "$flags" -- "$word")); return ;; esac
  if [ -n "$names" ]; then
    # Not by compgen -W, which expands what it is given: names may hold anything.
    local name
    while IFS= read -r name; do
      if [ "\${name:0:\${#word}}" = "$word" ]; then COMPREPLY+=("$name"); fi
    done <<<"$names"
    return
  fi
  IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _muster muster ${links.join(' ')}
`;
}

function spellings({ long, short }: Described['options'][number]): string[] {
  return short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`];
}
