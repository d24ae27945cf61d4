import { PATIENCE } from './eventually.ts';

/**
 * For spawnSync: a command that hangs is a failure of its test, not the end of the whole run; and what it said is seen, as a
 * test may take longer.
 */
export const BOUNDED = { timeout: PATIENCE, killSignal: 'SIGKILL' } as const;
