/** Which pipes a database asks for, and how the scripts of their ends open them. */
import { targetsOf } from '@muster/core/graph/edges';
import type { Database, ServiceId } from '@muster/core/model/database';
import { quoted } from './shell.ts';

/** The service into which `id` writes. */
function consumerOf(database: Database, id: ServiceId): ServiceId | undefined {
  return targetsOf(database.producerFor, id)[0];
}

/** Whether it reads from a pipe: `LIVE/pipes/NAME`, a FIFO that is held open as long as the tree lives. */
export function isConsumer(database: Database, id: ServiceId): boolean {
  return targetsOf(database.consumerFor, id).length > 0;
}

/**
 * Both ends are opened for reading and writing: then neither open waits for the other end, a producer gets no SIGPIPE
 * while the consumer is away, and a consumer sees no end of file while its producers are. `<>` would make a regular
 * file where a FIFO is missing, so that is looked at first.
 */
export function openPipes(database: Database, id: ServiceId, live: string): string[] {
  const lines: string[] = [];
  if (isConsumer(database, id)) lines.push(...opened(pipeInto(live, database.names[id]!), '0'));
  const consumer = consumerOf(database, id);
  if (consumer !== undefined) {
    lines.push(...opened(pipeInto(live, database.names[consumer]!), '1'));
    // What a daemon says on its standard error belongs into the log that its definition asks for; a pipeline that its
    // author built keeps standard error out, as s6-rc does.
    const definition = database.definition(consumer);
    if (definition.type === 'longrun' && definition.logger !== null) lines.push('exec 2>&1');
  }
  return lines;
}

function opened(path: string, descriptor: '0' | '1'): string[] {
  const fifo = quoted(path);
  return [`[ -p ${fifo} ] || { echo "$0: there is no pipe at" ${fifo} >&2; exit 111; }`, `exec ${descriptor}<>${fifo}`];
}

/** The FIFO out of which a consumer reads. */
function pipeInto(live: string, consumer: string): string {
  return `${live}/pipes/${consumer}`;
}
