const DECODER = new TextDecoder('utf-8');

/** Line and column of an offset, both from 1, the column in characters. */
export function positionOf(bytes: Uint8Array, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: [...DECODER.decode(bytes.subarray(start, offset))].length + 1 };
}
