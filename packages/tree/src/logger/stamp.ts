/** What stands in front of a line: when it was read, and the prefix. */
import type { LogDirectives } from '@muster/core/model/log-directives';
import { tai64nDigits } from '@muster/protocol/s6/tai64n';

const UTF8 = new TextEncoder();

/** Lines of the same millisecond share the bytes. */
export function stamper(form: LogDirectives['timestamp'], prefix: string): (time: number) => Uint8Array {
  const label = prefix === '' || prefix.endsWith(' ') ? prefix : `${prefix} `;
  let last = Number.NaN;
  let bytes = UTF8.encode(label);
  if (form === 'none') return () => bytes;
  return (time) => {
    if (time !== last) {
      last = time;
      bytes = UTF8.encode(`${form === 'iso' ? new Date(time).toISOString() : `@${tai64nDigits(time)}`} ${label}`);
    }
    return bytes;
  };
}
