/** The engine's one supervisor, made of those that a live directory has: for longruns by its backend, and for oneshots. */
import type { Supervisor } from '@muster/core/execute/ports';
import { type Database, ONESHOT, type ServiceId } from '@muster/core/model/database';
import type { Live } from '@muster/store/live/open';
import { OneshotClient } from './oneshots/client.ts';
import { RunitDriver } from './runit/driver.ts';
import { S6Driver } from './s6/driver.ts';

export function supervisorOf(live: Live, database: Pick<Database, 'names' | 'kinds'>): Supervisor {
  const { names, kinds } = database;
  const { services, oneshots } = live.paths;
  const directoryOf = (service: ServiceId) => `${services}/${names[service]}`;
  const longruns = live.backend.kind === 'runit' ? new RunitDriver(directoryOf) : new S6Driver(directoryOf);
  const scripts = new OneshotClient(oneshots, (service) => names[service]!, directoryOf);
  const isOneshot = (service: ServiceId) => kinds[service] === ONESHOT;

  return {
    observe: (service) => (isOneshot(service) ? scripts.observe(service) : longruns.observe(service)),
    watch: (wanted, changed) => {
      const all = [...wanted];
      const watches = [
        longruns.watch(
          all.filter((service) => !isOneshot(service)),
          changed,
        ),
        scripts.watch(all.filter(isOneshot), changed),
      ];
      return {
        close: () => {
          for (const watch of watches) watch.close();
        },
      };
    },
    start: (service) => (isOneshot(service) ? scripts.tell(service, 'up') : longruns.start(service)),
    stop: (service) => (isOneshot(service) ? scripts.tell(service, 'down') : longruns.stop(service)),
    reload: (service) => (isOneshot(service) ? scripts.tell(service, 'reload') : longruns.reload(service)),
    kill: (service) => scripts.tell(service, 'kill'),
  };
}
