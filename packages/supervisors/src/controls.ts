/** The FIFOs by which supervisors are told. */
import { type Database, LONGRUN } from '@muster/core/model/database';
import type { LivePaths } from '@muster/store/live/paths';
import { CONTROL_FIFO } from '@muster/store/live/service-files';

/** Of all longruns. */
export function serviceControls({ services }: LivePaths, { names, kinds }: Database): string[] {
  return names.filter((_, service) => kinds[service] === LONGRUN).map((name) => `${services}/${name}/${CONTROL_FIFO}`);
}
