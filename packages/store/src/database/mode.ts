import { type Database, isPrivate } from '@muster/core/model/database';

/** Permissions of a file that holds `database`: for its owner alone if anything in it is not for everybody. */
export function databaseMode(database: Database): number {
  return isPrivate(database) ? 0o600 : 0o644;
}
