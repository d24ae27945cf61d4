/** Help texts, made from the option tables. */
import { COMMANDS } from '../commands.ts';
import { COMMON_OPTIONS, type Command } from './command.ts';

export function overview(): string {
  const names = Object.keys(COMMANDS);
  const width = Math.max(0, ...names.map((name) => name.length));
  const lines = names.map((name) => `  rc-${name.padEnd(width)}  ${COMMANDS[name]!.summary}`);
  return [
    'usage: muster COMMAND [ARGUMENT…], or rc-COMMAND [ARGUMENT…]',
    '',
    ...lines,
    '',
    'rc-COMMAND --help tells more.',
  ].join('\n');
}

export function commandHelp(program: string, command: Command): string {
  const rows = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, option]) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    const value = option.value === undefined ? '' : ` ${option.value}`;
    return [`  ${short}--${name}${value}`, option.help] as const;
  });
  rows.push(['  -h, --help', 'print this'], ['      --version', 'print the version']);
  const width = Math.max(...rows.map(([left]) => left.length));
  const usage = `usage: ${program} [OPTION…]${command.operands === undefined ? '' : ` ${command.operands}`}`;
  const lines = [
    usage,
    '',
    `${command.summary}.`,
    '',
    ...rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`),
  ];
  if (command.examples.length > 0) {
    const wide = Math.max(...command.examples.map(([line]) => line.length));
    lines.push('', 'examples:', ...command.examples.map(([line, meaning]) => `  ${line.padEnd(wide)}  # ${meaning}`));
  }
  return lines.join('\n');
}
