/** What every picture needs. */

/** One decimal is less than what can be seen. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text for an element or an attribute in double or single quotes; what XML has no place for is replaced. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}
