/** How long a `ready-check` may take: the same for the tree's own and for the generated poller. */

/**
 * Milliseconds after which a check that does not end has failed, and is killed; twice as long for the next one each time, so
 * that one which just takes its time has it in the end.
 */
export const FIRST_PATIENCE = 3000;
export const LONGEST_PATIENCE = 60_000;
