/** Machines with fixtures/site on them. */
import { join } from 'node:path';
import { Machine, ROOT } from './machine.ts';

export function siteMachine(): Machine {
  return new Machine(join(ROOT, 'fixtures/site/source'), (directory) => ({
    SITE_RUN: join(directory, 'site'),
    SITE_BUN: process.execPath,
  }));
}

/** One on which the bundle `default` is up. */
export function runningSite(...init: string[]): Machine {
  const machine = siteMachine();
  machine.must('rc-compile', machine.source, machine.compiled);
  machine.must('rc-init', ...init);
  machine.must('rc-change', 'default');
  return machine;
}
