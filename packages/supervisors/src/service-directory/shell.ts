/** Words for sh. */

/** One word, whatever is in it. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Seconds as sleep(1) takes them. */
export function seconds(milliseconds: number): string {
  return String(milliseconds / 1000);
}

/** dash cannot name a descriptor of two digits in a redirection. */
export const GREATEST_SHELL_DESCRIPTOR = 9;
