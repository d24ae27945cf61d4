/** Which lines are kept: `include` and `exclude`, the last that matches decides. */
import type { LogDirectives } from '@muster/core/model/log-directives';

export type Select = LogDirectives['select'];

/**
 * Without a match a line is kept, unless the first directive is an `include`: who begins with what he wants, wants
 * nothing else.
 */
export function selection(select: Select): (line: Uint8Array) => boolean {
  if (select.length === 0) return () => true;
  const rules = select.map(({ action, pattern }) => ({ keep: action === 'include', form: new RegExp(pattern, 'u') }));
  const otherwise = !rules[0]!.keep;
  const decoder = new TextDecoder();
  return (line) => {
    const text = decoder.decode(line);
    return rules.findLast(({ form }) => form.test(text))?.keep ?? otherwise;
  };
}
