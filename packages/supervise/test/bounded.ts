/**
 * For spawnSync: a command that hangs is a failure of its test, not the end of the whole run. In milliseconds less than a
 * test may take, so that what the command said is seen.
 */
export const BOUNDED = { timeout: 45_000, killSignal: 'SIGKILL' } as const;
