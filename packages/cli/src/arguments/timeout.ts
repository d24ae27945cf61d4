/** The option `--timeout`. */
import { parseDuration } from '../duration.ts';
import type { Call } from './command.ts';

/** Milliseconds; undefined: it was not given. A text: what is wrong with it. */
export function timeoutFrom(call: Call): number | undefined | string {
  const text = call.value('timeout');
  return text === undefined ? undefined : (parseDuration(text) ?? `'${text}' is no time`);
}
