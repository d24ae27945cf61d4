/** Waiting for what nobody tells of: processes that end, FIFOs that nobody reads any more. */

/** Milliseconds between looks. */
const LOOK = 5;

/** Whether `condition` holds at some look, the last one `limit` milliseconds from now. */
export async function until(condition: () => boolean, limit: number): Promise<boolean> {
  for (const end = performance.now() + limit; !condition(); ) {
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  return true;
}
