/** Locks of flock(2): they belong to the open file, so a child that is given the descriptor holds them on. */
import { libc } from './libc.ts';

const LOCK_EX_NB = 2 | 4;

/** Whether the lock is held now. */
export function tryLockWhole(file: number): boolean {
  return libc().flock(file, LOCK_EX_NB) === 0;
}
