/** The option `--timeout`, and others that are a time. */
import { failure, type Result, success } from '@muster/core/result';
import { parseDuration } from '../duration.ts';
import type { Call } from './command.ts';

/** Milliseconds; undefined if it was not given. A problem: what is wrong with it. */
export function timeoutFrom(call: Call, option = 'timeout'): Result<number | undefined, string> {
  const text = call.value(option);
  if (text === undefined) return success(undefined);
  const timeout = parseDuration(text);
  return timeout === null ? failure(`'${text}' is no time`) : success(timeout);
}
