/**
 * Text that others wrote, for a terminal: a daemon's log may hold what its clients sent. What would move the cursor,
 * change colours or turn the direction of writing round is escaped, as `\u{1b}`.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\t' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
