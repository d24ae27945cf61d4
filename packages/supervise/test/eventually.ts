/** The one way by which tests wait for what tells nobody that it happened. */

/**
 * Calls `probe` until it answers something, at most for `limit` milliseconds; then fails, saying `what`. A machine that is
 * busy may need long; a test as a whole has 60 seconds.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  limit = 45_000,
): Promise<T> {
  const deadline = performance.now() + limit;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
