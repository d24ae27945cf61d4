/** Waiting until supervisors have left service directories that are not theirs any more. */
import { isRead } from '../s6/driver.ts';

/** Milliseconds between looks. */
const LOOK = 4;

/** Resolves when none of `controls` is read any more, or `limit` milliseconds from now. */
export async function untilLeft(controls: readonly string[], limit: number): Promise<void> {
  const end = performance.now() + limit;
  for (let left = controls.filter(isRead); left.length > 0 && performance.now() < end; left = left.filter(isRead)) {
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
