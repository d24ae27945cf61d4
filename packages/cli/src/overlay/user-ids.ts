/** Users and groups by /etc/passwd and /etc/group, read here: an image has neither NSS nor, perhaps, the files. */
import { readFileSync } from 'node:fs';

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
  /** All groups of a user that is in the files; of numbers, the one group. */
  readonly groups: readonly number[];
}

const NUMBER = /^\d{1,10}$/;

/** `NAME`, `NAME:GROUP`, `UID:GID`, each part by name or number. Null if there is no such user or group. */
export function userIdsOf(text: string): UserIds | null {
  const [user, group] = text.split(':');
  const entry = lines('/etc/passwd').find(([name, , uid]) => name === user || (NUMBER.test(user!) && uid === user));
  const uid = entry === undefined ? numberOf(user) : Number(entry[2]);
  if (uid === null) return null;
  const gid = group === undefined ? (entry === undefined ? uid : Number(entry[3])) : gidOf(group);
  if (gid === null) return null;
  const others = entry === undefined || group !== undefined ? [] : groupsOf(entry[0]!);
  return { uid, gid, groups: [...new Set([gid, ...others])] };
}

function gidOf(group: string): number | null {
  const entry = lines('/etc/group').find(([name]) => name === group);
  return entry === undefined ? numberOf(group) : Number(entry[2]);
}

function groupsOf(user: string): number[] {
  return lines('/etc/group')
    .filter(([, , , members]) => members?.split(',').includes(user))
    .map(([, , gid]) => Number(gid));
}

const numberOf = (text: string | undefined) => (text !== undefined && NUMBER.test(text) ? Number(text) : null);

function lines(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}
