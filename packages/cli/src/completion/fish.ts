/** Completion for fish: lines of `complete`. */
import { type Described, NAMES } from './commands.ts';

export function renderFish(commands: readonly Described[]): string {
  const lines = ['# Completion of muster and its links for fish.', `function __muster_names; ${NAMES}; end`];
  for (const { name, summary, options, takes } of commands) {
    lines.push(`complete -c muster -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`);
    const targets = [`-c rc-${name}`, `-c muster -n '__fish_seen_subcommand_from ${name}'`];
    for (const target of targets) {
      if (takes === 'services') lines.push(`complete ${target} -f -a '(__muster_names)'`);
      else if (takes !== 'files') lines.push(`complete ${target} -f -a ${quoted(takes.join(' '))}`);
      for (const { long, short, value, help } of options) {
        const letter = short === undefined ? '' : ` -s ${short}`;
        lines.push(`complete ${target} -l ${long}${letter}${value === undefined ? '' : ' -r'} -d ${quoted(help)}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
