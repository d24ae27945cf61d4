/** Waiting until supervisors have left service directories that are not theirs any more. */
import { isRead } from '../s6/driver.ts';
import { until } from '../until.ts';

/** Resolves when none of `controls` is read any more, or `limit` milliseconds from now. */
export async function untilLeft(controls: readonly string[], limit: number): Promise<void> {
  let left = controls;
  await until(() => {
    left = left.filter(isRead);
    return left.length === 0;
  }, limit);
}
