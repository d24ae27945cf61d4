/**
 * What `muster completion` prints: a function for each shell that hands the words of the line to Muster and takes what comes
 * back, a word and its meaning a line. It never expands them: names of services may hold anything.
 */
import { COMMANDS } from '../commands.ts';

const ASK = 'muster --get-yargs-completions';

export const SCRIPTS = { bash, zsh, fish } as const;

function links(): string {
  return ['muster', ...Object.keys(COMMANDS).map((name) => `rc-${name}`)].join(' ');
}

function bash(): string {
  return `# Completion of muster and its links for bash.
_muster() {
  local line lines word=\${COMP_WORDS[COMP_CWORD]} IFS=$'\\n'
  COMPREPLY=()
  if ! lines=$(${ASK} "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null); then
    COMPREPLY=($(compgen -f -- "$word"))
  elif [ -n "$lines" ]; then
    while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done <<<"$lines"
  fi
}
complete -o filenames -F _muster ${links()}
`;
}

function zsh(): string {
  return `#compdef ${links()}
# Completion of muster and its links for zsh.
_muster() {
  local lines line
  local -a described
  lines=$(${ASK} "\${(@Q)words[1,CURRENT]}" 2>/dev/null) || { _files; return }
  [[ -n $lines ]] || return 1
  for line in "\${(@f)lines}"; do described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); done
  _describe muster described
}
_muster "$@"
`;
}

function fish(): string {
  const lines = links()
    .split(' ')
    .map((name) => `complete -c ${name} -f -a '(__muster)'`);
  return `# Completion of muster and its links for fish.
function __muster
  ${ASK} (commandline -opc) (commandline -ct) 2>/dev/null
  or __fish_complete_path (commandline -ct)
end
${lines.join('\n')}
`;
}
