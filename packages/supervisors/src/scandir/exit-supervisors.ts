/** Ending the supervisors of single services. */
import { writeFifo } from '@muster/posix/fifo';
import { CONTROL_FIFO } from '@muster/store/live/service-files';

/**
 * Tells the supervisor of each of `directories` to bring its service down and to exit. That is said to each itself: a
 * runsvdir looks for what is gone only every five seconds, a new s6-svscan does not know the s6-supervise of one that was
 * killed, and s6-svscan's own command for it (`n`) would end what others have taken out of the scandir to run on, too.
 */
export function exitSupervisors(directories: readonly string[]): void {
  for (const directory of directories) writeFifo(`${directory}/${CONTROL_FIFO}`, Buffer.from('dx'));
}
