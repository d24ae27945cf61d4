/** A container is ended by its process 1, which knows the command too, and what the container is to exit with. */
import { isRead, writeFifo } from '@muster/posix/fifo';
import { until } from '@muster/posix/until';
import { livePaths } from '@muster/store/live/paths';
import { identityOf } from '@muster/store/live/remove';

/** Whether the live directory is of a container whose process 1 listens. */
export function isContainer(root: string): boolean {
  return isRead(livePaths(root).end);
}

/** A request that means nothing to a container which is stopping already. */
export const UNLESS_STOPPING = 'unless-stopping';

/** Asks for its end unless it is stopping, and does not wait for it: whoever asks may be what has to stop. Likewise. */
export function askForEnd(root: string): boolean {
  return request(root, UNLESS_STOPPING);
}

/**
 * Asks for its end, and waits for that: who runs in the container goes with it. `status`: what it is to exit with; null leaves that to
 * how the command ends. False if nobody listened. Throws what the system says.
 */
export async function endContainer(root: string, status: number | null): Promise<boolean> {
  const was = identityOf(root);
  const { end } = livePaths(root);
  if (!request(root, `${status ?? ''}`)) return false;
  await until(() => identityOf(root) !== was || !isRead(end), Number.POSITIVE_INFINITY);
  return true;
}

function request(root: string, line: string): boolean {
  return writeFifo(livePaths(root).end, Buffer.from(`${line}\n`)) === 'written';
}
