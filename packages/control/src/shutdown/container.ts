/** A container is ended by its process 1, which knows the command too, and what the container is to exit with. */
import { isRead, writeFifo } from '@muster/posix/fifo';
import { until } from '@muster/posix/until';
import { livePaths } from '@muster/store/live/paths';
import { identityOf } from '@muster/store/live/remove';

/** Whether the live directory is of a container whose process 1 listens. */
export function isContainer(root: string): boolean {
  return isRead(livePaths(root).end);
}

/**
 * Asks for its end, and waits for that: who runs in the container goes with it. `status`: what it is to exit with; null leaves that to
 * how the command ends. False if nobody listened. Throws what the system says.
 */
export async function endContainer(root: string, status: number | null): Promise<boolean> {
  const was = identityOf(root);
  const { end } = livePaths(root);
  if (writeFifo(end, Buffer.from(`${status ?? ''}\n`)) !== 'written') return false;
  await until(() => identityOf(root) !== was || !isRead(end), Number.POSITIVE_INFINITY);
  return true;
}
