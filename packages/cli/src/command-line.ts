/** How other commands, and the journal, name the command that runs: `rc-change -d web`. */
export function commandLine(program: string): string {
  return [program, ...process.argv.slice(2)].join(' ');
}
