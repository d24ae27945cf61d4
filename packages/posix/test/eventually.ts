/** The one way by which tests wait for what tells nobody that it happened. */

/**
 * Milliseconds that a machine on which everything is busy may need for anything that a test waits for. Nobody waits that
 * long for what succeeds; a test as a whole has more (vitest.config.ts), so that it can say what it waited for.
 */
export const PATIENCE = 120_000;

/** Calls `probe` until it answers something, at most for `limit` milliseconds; then fails, saying `what`. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  limit = PATIENCE,
): Promise<T> {
  const deadline = performance.now() + limit;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
