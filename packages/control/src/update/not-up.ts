/** What is wanted after an update and is not up, whether or not the update had to do with it. */
import { everyService } from '@muster/core/model/database';
import type { StateName } from '@muster/core/model/state';
import { UNHEARD } from '../events.ts';
import { openForReading } from '../open/read.ts';
import { statusesOf } from '../status/service-status.ts';

/** What runs, even if it died a moment ago, is up as far as an update goes, and so is what is done. */
const UP: ReadonlySet<StateName> = new Set(['up', 'ready', 'unstable', 'done']);

/** Names, in their order. Nothing where the live directory has been taken away meanwhile. */
export function wantedAndNotUp(root: string): string[] {
  const opened = openForReading(root, UNHEARD);
  if (!opened.ok) return [];
  const { database, records } = opened.value;
  try {
    const wanted = everyService(database).filter((service) => records.read(service).wanted !== 'no');
    const missing = statusesOf(opened.value, wanted).filter(({ state }) => !UP.has(state.name));
    return missing.map(({ name }) => name);
  } finally {
    records.close();
  }
}
