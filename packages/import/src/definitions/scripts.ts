/** The scripts that an import writes: what comes before the program, and how the program is executed. */
import type { ImportedProgram, OutputTo, ServiceModel, SettingsFrom } from '../model/service.ts';
import { isShVariable, shWord } from '../words/sh.ts';

const SHEBANG = '#!/bin/sh';

/** `exports`: what cannot stand in `env/`. */
export function runText(service: ServiceModel, exports: readonly (readonly [name: string, value: string])[]): string {
  const before = [
    ...exports.map(([name, value]) => exported(name, value)),
    ...redirections(service.stdout?.value.to, service.stderr?.value.to),
  ];
  return scriptText(service.run.value, before, []);
}

/** A oneshot's scripts do themselves what a longrun has files for. */
export function oneshotText(
  program: ImportedProgram,
  environment: readonly (readonly [name: string, value: string])[],
  settings: SettingsFrom,
): string {
  const { umask, workingDirectory } = settings;
  const before = environment.map(([name, value]) => exported(name, value));
  if (umask !== undefined) before.push(`umask ${umask.value.toString(8).padStart(3, '0')}`);
  if (workingDirectory !== undefined) before.push(`cd ${shWord(workingDirectory.value)} || exit 111`);
  return scriptText(program, before, asUser(settings));
}

function asUser({ user, groups, nice }: SettingsFrom): string[] {
  const words: string[] = [];
  if (nice !== undefined) words.push('nice', '-n', String(nice.value));
  if (user === undefined) return words;
  const [name = '', group] = user.value.split(':');
  words.push('setpriv', `--reuid=${shWord(name)}`);
  words.push(group === undefined ? `--regid="$(id -g -- ${shWord(name)})"` : `--regid=${shWord(group)}`);
  words.push(groups === undefined ? '--init-groups' : `--groups=${shWord(groups.value.join(','))}`, '--');
  return words;
}

function scriptText(program: ImportedProgram, before: readonly string[], prefix: readonly string[]): string {
  switch (program.kind) {
    case 'words':
      return `${[SHEBANG, ...before, ['exec', ...prefix, ...program.words.map(shWord)].join(' ')].join('\n')}\n`;
    case 'late': {
      // Bun raises the limit before it could be asked what it was.
      const exec = ['exec', ...prefix, 'rc-exec', '--open-files="$(ulimit -n)"', ...program.words.map(shWord)];
      return `${[SHEBANG, ...before, exec.join(' ')].join('\n')}\n`;
    }
    case 'shell':
      return `${[SHEBANG, ...before, ['exec', ...prefix, 'sh', '-c', shWord(program.line)].join(' ')].join('\n')}\n`;
    case 'script': {
      const [first = '', ...rest] = program.text.split('\n');
      return before.length === 0 ? program.text : [first, ...before, ...rest].join('\n');
    }
  }
}

function exported(name: string, value: string): string {
  return isShVariable(name) ? `export ${name}=${shWord(value)}` : `# ${JSON.stringify(name)} can be no variable of sh`;
}

/** The tree has one place for both streams: what is crossed stays crossed, for who has given it two. */
function redirections(stdout: OutputTo | undefined, stderr: OutputTo | undefined): string[] {
  const lines: string[] = [];
  if (stdout?.kind === 'tree' && stdout.stream === 'stderr') {
    // With both crossed they change places.
    if (stderr?.kind === 'tree' && stderr.stream === 'stdout') return ['exec 3>&1 >&2 2>&3 3>&-'];
    lines.push('exec >&2');
  }
  if (stdout?.kind === 'nowhere') {
    if (stderr?.kind === 'tree' && stderr.stream === 'stdout') lines.push('exec 2>&1');
    lines.push('exec >/dev/null');
  } else if (stderr?.kind === 'tree' && stderr.stream === 'stdout') lines.push('exec 2>&1');
  if (stderr?.kind === 'nowhere') lines.push('exec 2>/dev/null');
  return lines;
}
