/** A longrun of which nothing is said but that it is one: every setting as the compiler leaves it. */
import type { Longrun } from '../src/model/definition.ts';

export const PLAIN_LONGRUN: Longrun = {
  type: 'longrun',
  files: [],
  notificationFd: null,
  lockFd: null,
  timeoutKill: null,
  timeoutFinish: null,
  killProcessGroup: false,
  maxDeathTally: null,
  downSignal: null,
  reloadSignal: null,
  newPidNamespace: false,
  loadEnvironment: false,
  readyCheck: null,
  readyAfter: null,
  restart: { policy: 'always', delayMin: 1000, delayMax: 1000, limit: null },
  process: {},
  logger: null,
  instance: null,
};
