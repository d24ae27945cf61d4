/** How `run` is executed: umask, directory, niceness, limits and user, with the tools of util-linux and coreutils. */
import type { ProcessAttributes } from '@muster/core/model/definition';
import { quoted } from './shell.ts';

/**
 * Lines that look the user up, and set what a program expects of its environment: before `env/` is loaded, which may say
 * otherwise. Who does not exist is the reason why it does not start; a number does not have to, with a group beside it.
 */
export function userEnvironment({ user }: ProcessAttributes): string[] {
  if (user === undefined) return [];
  const { name, mayBeUnknown } = partsOf(user);
  const found = `${ENTRY}=$(getent passwd ${quoted(name)})`;
  const taken = [
    `IFS=: read -r USER _ _ ${OWN_GROUP} _ HOME SHELL <<END`,
    `$${ENTRY}`,
    'END',
    'LOGNAME=$USER',
    '[ -n "$SHELL" ] || SHELL=/bin/sh',
    'export HOME USER LOGNAME SHELL',
  ];
  if (mayBeUnknown) return [`if ${found}; then`, ...taken, 'fi'];
  return [`${found} || { echo ${quoted(`there is no user ${name}`)} >&2; exit 111; }`, ...taken];
}

/** Variables of the script: names that no `env/` has by chance. */
const ENTRY = 'muster_user';
const OWN_GROUP = 'muster_group';

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
    const { name, group, mayBeUnknown } = partsOf(user);
    words.push(quoted(`--reuid=${name}`));
    // Without a group of its own mention, the user's own from the system's user database.
    words.push(group === null ? `--regid="$${OWN_GROUP}"` : quoted(`--regid=${group}`));
    words.push(groups ?? (mayBeUnknown ? '--clear-groups' : '--init-groups'));
  } else if (groups !== null) {
    words.push(groups);
  }
  words.push('--');
  return words;
}

interface User {
  readonly name: string;
  readonly group: string | null;
  /** It is a number that need not be anybody's. */
  readonly mayBeUnknown: boolean;
}

function partsOf(user: string): User {
  const at = user.indexOf(':');
  const [name, group] = at === -1 ? [user, null] : [user.slice(0, at), user.slice(at + 1)];
  return { name, group, mayBeUnknown: group !== null && /^\d+$/.test(name) };
}
