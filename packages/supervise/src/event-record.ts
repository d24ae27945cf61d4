/** Keeps what a change does in the live directory's events, a batch for each turn of the event loop. */
import type { Event, EventSink } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import { EventWriter, type NewEvent } from '@muster/store/live/events';
import type { LivePaths } from '@muster/store/live/paths';

export interface EventRecord extends EventSink {
  /** The change is over. */
  end(): void;
}

/** Passes every event on to `listener`. `command`: what people call the change. */
export function recordEvents(
  paths: Pick<LivePaths, 'events'>,
  { names }: Pick<Database, 'names'>,
  command: string,
  listener: EventSink,
): EventRecord {
  const writer = new EventWriter(paths);
  let batch: NewEvent[] = [];
  const flush = () => {
    if (batch.length > 0) writer.append(batch);
    batch = [];
  };
  const add = (event: Omit<NewEvent, 'at' | 'change'> & { readonly event: string }) => {
    if (batch.length === 0) setImmediate(flush);
    batch.push({ at: Date.now(), change: process.pid, ...event });
  };
  let moved = false;
  return {
    emit: (event) => {
      if (!moved) add({ event: 'change', command });
      moved = true;
      add(named(names, event));
      listener.emit(event);
    },
    end: () => {
      if (moved) add({ event: 'done', command });
      flush();
      writer.close();
    },
  };
}

function named(names: readonly string[], event: Event): { readonly event: string } {
  const fields = Object.entries(event).map(([key, value]) => [key, isServiceKey(key) ? names[value as number] : value]);
  return Object.fromEntries(fields);
}

function isServiceKey(key: string): boolean {
  return key === 'service' || key === 'on' || key === 'because';
}
