/**
 * Orders that lie in a supervisor's FIFO until it reads them, for example while it is stopped. Whoever gave one and does
 * not want it any more takes it out again: left there it would be obeyed some time later, when nobody expects that.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { isAbsent } from './absence.ts';
import { openFifoForReading, writeFifo } from './fifo.ts';

/** More than any pipe here holds, so that one read takes all there is: no order is seen in part. */
const CHUNK = Buffer.alloc(1024 * 1024);
/** What arrives in one piece. */
const PIECE = 4096;

/** Whether there are orders for which `isMeant` holds in the FIFO, that nobody has read. `separator` and errors: as below. */
export function hasUnread(path: string, separator: '\n' | '', isMeant: (order: string) => boolean): boolean {
  let isThere = false;
  withdrawOrders(path, separator, (order) => {
    isThere ||= isMeant(order);
    return false;
  });
  return isThere;
}

/**
 * Takes the orders for which `isUnwanted` holds out of the FIFO; the others are in it again, in their order. `separator`
 * ends each; '': each is one byte. Whether there were any that nobody has read. Throws ErrnoException.
 */
export function withdrawOrders(path: string, separator: '\n' | '', isUnwanted: (order: string) => boolean): boolean {
  const orders = drained(path)
    .split(separator)
    .filter((order) => order !== '');
  const others = orders.filter((order) => !isUnwanted(order));
  for (const piece of piecesOf(others.map((order) => order + separator))) writeFifo(path, Buffer.from(piece, 'latin1'));
  return others.length < orders.length;
}

function drained(path: string): string {
  let fifo: number;
  try {
    fifo = openFifoForReading(path);
  } catch (error) {
    if (isAbsent(error)) return '';
    throw error;
  }
  try {
    if (!fstatSync(fifo).isFIFO()) return '';
    return CHUNK.toString('latin1', 0, readSync(fifo, CHUNK, 0, CHUNK.length, null));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
    throw error;
  } finally {
    closeSync(fifo);
  }
}

/** Whole orders together, as many as arrive in one piece. */
function piecesOf(orders: readonly string[]): string[] {
  const pieces: string[] = [];
  for (const order of orders) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + order.length <= PIECE) pieces[pieces.length - 1] = last + order;
    else pieces.push(order);
  }
  return pieces;
}
