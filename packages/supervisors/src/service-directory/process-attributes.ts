/** How `run` is executed: umask, directory, niceness, limits and user, with the tools of util-linux and coreutils. */
import type { ProcessAttributes } from '@muster/core/model/definition';
import { quoted } from './shell.ts';

/** Lines to run before the program is executed. */
export function preparation(process: ProcessAttributes): string[] {
  const lines: string[] = [];
  if (process.umask !== undefined) lines.push(`umask ${process.umask.toString(8).padStart(4, '0')}`);
  if (process.workingDirectory !== undefined) lines.push(`cd ${quoted(process.workingDirectory)} || exit 111`);
  return lines;
}

/**
 * The words in front of the program. The user comes last: raising a limit or a priority may need what the user has not.
 */
export function prefixCommand(process: ProcessAttributes): string {
  const words: string[] = [];
  if (process.nice !== undefined) words.push('nice', '-n', String(process.nice));
  if (process.limits !== undefined && process.limits.length > 0) {
    words.push('prlimit', ...process.limits.map(([resource, value]) => quoted(`--${resource}=${value}`)), '--');
  }
  if (process.user !== undefined || process.supplementaryGroups !== undefined) words.push(...setpriv(process));
  return words.length === 0 ? '' : `${words.join(' ')} `;
}

function setpriv({ user, supplementaryGroups }: ProcessAttributes): string[] {
  const words = ['setpriv'];
  const groups = supplementaryGroups === undefined ? null : quoted(`--groups=${supplementaryGroups.join(',')}`);
  if (user !== undefined) {
    const [name, group] = splitUser(user);
    words.push(quoted(`--reuid=${name}`));
    // Without a group of its own mention, the user's own from the system's user database.
    words.push(group === null ? `--regid="$(id -g -- ${quoted(name)})"` : quoted(`--regid=${group}`));
    words.push(groups ?? (/^\d+$/.test(name) ? '--clear-groups' : '--init-groups'));
  } else if (groups !== null) {
    words.push(groups);
  }
  words.push('--');
  return words;
}

function splitUser(user: string): [name: string, group: string | null] {
  const at = user.indexOf(':');
  return at === -1 ? [user, null] : [user.slice(0, at), user.slice(at + 1)];
}
