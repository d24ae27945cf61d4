/** What the system refuses, for people. */
import { explainCode } from '@muster/core/diagnostics/system-errors';

/** `open /run/rc/lock: permission denied (EACCES)`: node:fs says what a code means, posix only the code. */
export function textOfSystemError({ message, code }: Error & { readonly code: string }): string {
  return message.endsWith(`: ${code}`) ? `${message.slice(0, -code.length)}${explainCode(code)}` : message;
}
