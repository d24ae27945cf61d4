/** A file of the source that an import makes. */
export type ImportedFile =
  | { readonly path: string; readonly kind: 'file'; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly path: string; readonly kind: 'link'; readonly target: string };

const UTF8 = new TextEncoder();

export function textFile(path: string, text: string, mode = 0o644): ImportedFile {
  return { path, kind: 'file', bytes: UTF8.encode(text), mode };
}
