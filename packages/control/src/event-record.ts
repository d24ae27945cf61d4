/** Keeps what a change does in the live directory's events, a batch for each turn of the event loop. */
import { namedEvent } from '@muster/core/execute/named-event';
import type { EventSink } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import { bootTime } from '@muster/posix/boot-time';
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
  const add = (event: Omit<NewEvent, 'at' | 'uptime' | 'change'> & { readonly event: string }) => {
    if (batch.length === 0) setImmediate(flush);
    batch.push({ at: Date.now(), uptime: Math.round(bootTime()), change: process.pid, ...event });
  };
  let moved = false;
  return {
    emit: (event) => {
      if (!moved) add({ event: 'change', command });
      moved = true;
      add(namedEvent(names, event));
      listener.emit(event);
    },
    end: () => {
      if (moved) add({ event: 'done', command });
      flush();
      writer.close();
    },
  };
}
