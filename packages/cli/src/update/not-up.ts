/** What is wanted after an update and is not up, whether or not the update had to do with it. */
import { openForReading } from '../open/read.ts';
import { everyService, statusesOf } from '../status.ts';

/** Names, in their order. Nothing where the live directory has been taken away meanwhile. */
export function wantedAndNotUp(root: string): string[] {
  const opened = openForReading(root);
  if (opened.kind === 'refused') return [];
  const { database, records } = opened;
  const wanted = everyService(database).filter((service) => records.read(service).wanted !== 'no');
  const missing = statusesOf(opened, wanted).filter(({ state }) => state.name !== 'up' && state.name !== 'ready');
  records.close();
  return missing.map(({ name }) => name);
}
