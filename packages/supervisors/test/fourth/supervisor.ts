/**
 * A fourth supervisor, which only tests have: the process that runs them starts daemons itself and remembers everything. It shows
 * what a new kind takes: this object, and a line in the table.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants as os } from 'node:os';
import type { ServiceId } from '@muster/core/model/database';
import type { LongrunObservation } from '@muster/core/model/observation';
import { controlPath } from '@muster/protocol/oneshots/protocol';
import { RUN_FILE } from '@muster/store/live/service-files';
import type { DriverContext, LongrunDriver } from '@muster/supervisors/longrun-driver';
import { renderAs } from '@muster/supervisors/service-directory/render';
import type { Shape } from '@muster/supervisors/service-directory/shape';
import type { SupervisorAdapter } from '@muster/supervisors/supervisor-adapter';

const SHAPE: Shape = {
  begin: () => [],
  awaitReadiness: () => [],
  isolation: null,
  finish: () => null,
  kept: () => [],
  settings: () => [],
};

/** What is known of the service of one directory. */
class Daemon {
  readonly #directory: string;
  readonly listeners = new Set<() => void>();
  process: ChildProcess | null = null;
  seen: LongrunObservation = {
    kind: 'longrun',
    state: 'down',
    ready: false,
    pid: 0,
    since: 0,
    readySince: 0,
    supervisorWants: 'down',
    lastExit: null,
    deaths: 0,
    failed: false,
  };

  constructor(directory: string) {
    this.#directory = directory;
  }

  want(supervisorWants: 'up' | 'down'): void {
    this.#change({ supervisorWants });
    if (supervisorWants === 'down') this.process?.kill('SIGTERM');
    else if (this.process === null) this.#start();
  }

  #start(): void {
    const child = spawn(`./${RUN_FILE}`, { cwd: this.#directory, stdio: 'ignore', detached: true });
    this.process = child;
    this.#change({ state: 'up', ready: true, pid: child.pid ?? 0, since: Date.now() });
    child.once('exit', (code, signal) => {
      this.process = null;
      const lastExit = { code: code ?? 0, signal: signal === null ? 0 : os.signals[signal] };
      const deaths = this.seen.deaths + 1;
      this.#change({ state: 'down', ready: false, pid: 0, since: Date.now(), lastExit, deaths });
      if (this.seen.supervisorWants === 'up') this.#start();
    });
  }

  #change(facts: Partial<LongrunObservation>): void {
    this.seen = { ...this.seen, ...facts };
    for (const changed of this.listeners) changed();
  }
}

export class Fourth {
  readonly #daemons = new Map<string, Daemon>();
  #runner: ChildProcess | null = null;

  /** Each remembers its own daemons, and has a name of its own in the table. */
  kind(name: string): SupervisorAdapter {
    return {
      name,
      ownsScandir: false,
      program: 'this test',
      limits: '',
      adopts: false,
      driver: (context) => this.#driver(context),
      render: (database, service, target) => renderAs(SHAPE, database, service, target),
      unsupported: ({ newPidNamespace }) =>
        newPidNamespace ? [{ feature: 'flag-newpidns', wayOut: 'use -b embedded' }] : [],
      isWatching: () => true,
      obstacles: () => [],
      attach: ({ paths }, _, muster) => {
        this.#runner ??= spawn(muster, ['oneshots', paths.root], { stdio: 'ignore', detached: true });
        return true;
      },
      detach: () => {
        this.#endAll('SIGTERM');
        return () => this.#isOver();
      },
      controls: ({ paths }) => [controlPath(paths.oneshots)],
      rescan: () => {},
      strays: () => [],
      forceStop: () => {
        this.#endAll('SIGTERM');
        const kill = () => {
          this.#endAll('SIGKILL');
          return () => this.#isOver();
        };
        return { isOver: () => this.#isOver(), kill };
      },
      restart: () => {},
      revive: async () => [],
      keep: () => {},
      absence: () => null,
      differences: () => [],
      isOutOfSight: () => false,
      treeProcess: () => process.pid,
      catchAll: () => null,
      deathsSince: (_, { deaths }) => ({ count: deaths, each: [] }),
    };
  }

  #driver({ directoryOf }: DriverContext): LongrunDriver {
    const daemon = (service: ServiceId) => {
      const directory = directoryOf(service);
      const known = this.#daemons.get(directory) ?? new Daemon(directory);
      this.#daemons.set(directory, known);
      return known;
    };
    return {
      observe: (service) => daemon(service).seen,
      watch: (services, changed) => {
        const closes = [...services].map((service) => {
          const { listeners } = daemon(service);
          const listener = () => changed(service);
          listeners.add(listener);
          return () => listeners.delete(listener);
        });
        return {
          close: () => {
            for (const close of closes) close();
          },
        };
      },
      start: (service) => daemon(service).want('up'),
      stop: (service) => daemon(service).want('down'),
      reload: (service) => void daemon(service).process?.kill('SIGHUP'),
      isUnread: () => false,
      withdraw: () => false,
    };
  }

  #endAll(signal: NodeJS.Signals): void {
    for (const daemon of this.#daemons.values()) {
      daemon.want('down');
      daemon.process?.kill(signal);
    }
    this.#runner?.kill(signal);
  }

  #isOver(): boolean {
    const runner = this.#runner;
    const isRunnerOver = runner === null || runner.exitCode !== null || runner.signalCode !== null;
    return isRunnerOver && [...this.#daemons.values()].every((daemon) => daemon.process === null);
  }
}
