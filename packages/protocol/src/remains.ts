/** What a process that was the service has left running: children that it did not become, or did not wait for. */
import type { Remains } from '@muster/core/execute/ports';
import type { LeftSession } from '@muster/core/model/observation';
import {
  commandLine,
  knownMembersOfSession,
  membersOfSession,
  processFacts,
  type SessionMember,
} from '@muster/posix/process';
import { isGroupThere } from '@muster/posix/signals';

/** Of a command line, in characters. */
const LONGEST = 60;

/**
 * What runs in the session that process `leader` began, which has ended: as long as any of it is there, nobody else gets
 * that number. What has begun a session of its own is not found. To look through all processes takes long: it is done if
 * the kernel says that the process group still has a member. Nothing is found where there is no descriptor left to look with.
 *
 * A zombie is a member as well, and of a tree that was killed each daemon may become one when it ends, until process 1 has asked
 * for its status. Of thousands that end together each would be looked for among thousands: for a zombie one look does for many.
 */
export function remainsOf(leader: number): SessionMember[] {
  if (!isGroupThere(leader)) return [];
  try {
    const members = processFacts(leader)?.zombie ? knownMembersOfSession(leader) : membersOfSession(leader);
    return members.filter(({ pid }) => pid !== leader);
  } catch {
    return [];
  }
}

/** Of one that has ended long ago: the number is still its own if something in the session is older than its end. */
export function remainsOfSession({ leader, endedAt }: LeftSession): SessionMember[] {
  const members = remainsOf(leader);
  return members.some(({ startTime }) => startTime <= endedAt) ? members : [];
}

export function describeRemains({ pid }: SessionMember): Remains {
  const words = commandLine(pid)?.join(' ') ?? '';
  return { pid, command: words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words };
}

/** `pid 812 (sleep 1000)`. */
export function remainsText({ pid, command }: Remains): string {
  return `pid ${pid}${command === '' ? '' : ` (${command})`}`;
}
