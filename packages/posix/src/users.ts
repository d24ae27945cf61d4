/** The users of this machine. */
import { readFileSync } from 'node:fs';

/** Sources of users that are files of this machine, or add none to them that a service runs as. */
const LOCAL = new Set(['files', 'compat', 'systemd']);

/** By a name or number. Where users may come from a directory service, everybody does, as far as can be known here. */
export function userExists(user: string): boolean {
  const rows = textOf('/etc/passwd').split('\n');
  if (rows.some((row) => row.split(':', 3).some((word, at) => at !== 1 && word === user))) return true;
  const sources = /^passwd:(.*)$/m.exec(textOf('/etc/nsswitch.conf'))?.[1] ?? '';
  return sources.split(/\s+/).some((source) => source !== '' && !source.startsWith('[') && !LOCAL.has(source));
}

/** The number itself if it has no name here. */
export function userName(uid: number): string {
  return nameIn('/etc/passwd', uid);
}

export function groupName(gid: number): string {
  return nameIn('/etc/group', gid);
}

function nameIn(file: string, id: number): string {
  const row = textOf(file)
    .split('\n')
    .map((line) => line.split(':', 3))
    .find(([, , number]) => number === String(id));
  return row?.[0] ?? String(id);
}

/** Empty if it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
