/** One word for sh, whatever is in it. */
export function shWord(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) && !text.includes('=') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Whether sh can hold a variable of that name. */
export function isShVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
