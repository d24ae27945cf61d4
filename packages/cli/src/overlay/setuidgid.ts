/** s6-setuidgid: becomes a program as another user. */
import { originalEnvironment } from '@muster/posix/environment';
import { become } from './become.ts';
import { refuse, SYSTEM, USAGE } from './program.ts';
import { type UserIds, userIdsOf } from './user-ids.ts';

export function setUserAndBecome([name, ...words]: readonly string[]): number {
  if (name === undefined || words.length === 0) return refuse('s6-setuidgid', 'a user and a program are needed', USAGE);
  const account = userIdsOf(name);
  if (account === null) return refuse('s6-setuidgid', `there is no user ${name}`, 1);
  // Of who has become another user, the kernel shows it to root alone.
  const environment = originalEnvironment();
  const problem = becomeUser(account);
  if (problem !== null) return refuse('s6-setuidgid', `cannot become ${name}: ${problem}`, SYSTEM);
  return become('s6-setuidgid', words, environment, process.env.PATH ?? '/usr/bin:/bin');
}

/** Why it is not possible, or null. */
export function becomeUser({ uid, gid, groups }: UserIds): string | null {
  if (process.getuid!() === uid && process.getgid!() === gid) return null;
  try {
    process.setgroups!([...groups]);
    process.setgid!(gid);
    process.setuid!(uid);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
