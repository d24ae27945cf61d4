/**
 * Whose a line of the catch-all is: `NAME: text`, where in NAME each blank, colon, per cent sign and control character is
 * written as %XX.
 */

/** The name of lines that no service has written alone. */
export const TREE = 'rc-svscan';

/** `service: `, as its lines begin, after the time. */
export function labelOf(service: string): string {
  const name = service.replace(/[\s:%\p{Cc}]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
  return `${name}: `;
}

/** A line, without its time. One that bears no label is the tree's. */
export function labelled(line: string): { readonly service: string; readonly text: string } {
  const label = /^([^\s:]+): /.exec(line);
  const service = label === null ? null : decoded(label[1]!);
  return service === null ? { service: TREE, text: line } : { service, text: line.slice(label![0].length) };
}

/** Null if no label has such an escape, so that somebody else must have written it. */
function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    return null;
  }
}
