/** Which pipes a database asks for, and how the scripts of their ends open them. */
import { targetsOf } from '@muster/core/graph/edges';
import { type Database, nameOf, type ServiceId } from '@muster/core/model/database';
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
 * A producer gets an end to write to and nothing else: with one to read from it could read what the others write, and take
 * it away from the log. The tree, or the runner of oneshots, holds the FIFO open, so that a producer gets no SIGPIPE while
 * the consumer is away. The consumer has an end to write to as well: it sees no end of file, also where neither a producer is
 * there yet nor whoever holds the FIFO, as between two lives of the tree.
 */
export function openPipes(database: Database, id: ServiceId, live: string): string[] {
  const lines: string[] = [];
  if (isConsumer(database, id)) lines.push(...opened(pipeInto(live, nameOf(database, id)), '0<>'));
  const consumer = consumerOf(database, id);
  if (consumer !== undefined) {
    lines.push(...opened(pipeInto(live, nameOf(database, consumer)), '1>'));
    // What a daemon says on its standard error belongs into the log that its definition asks for; a pipeline that its
    // author built keeps standard error out, as s6-rc does.
    const definition = database.definition(consumer);
    if (definition.type === 'longrun' && definition.logger !== null) lines.push('exec 2>&1');
  }
  return lines;
}

/**
 * `<>` comes first, since opening one end waits for the other: the shell has both while it opens the one that stays. It would
 * make a regular file where a FIFO is missing, so that is looked at before.
 */
function opened(path: string, end: '0<>' | '1>'): string[] {
  const fifo = quoted(path);
  const lines = [
    `[ -p ${fifo} ] || { echo "$0: there is no pipe at" ${fifo} >&2; exit 111; }`,
    `exec ${end[0]}<>${fifo}`,
  ];
  return end === '0<>' ? lines : [...lines, `exec ${end}${fifo}`];
}

/** The FIFO out of which a consumer reads. */
function pipeInto(live: string, consumer: string): string {
  return `${live}/pipes/${consumer}`;
}
