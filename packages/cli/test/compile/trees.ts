/** Trees as the conformance files describe them, made on disk. */
import { chmodSync, existsSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureDirSync, outputFileSync } from 'fs-extra/esm';

export type Text = string | { readonly base64: string };

export type TreeEntry =
  | string
  | null
  | { readonly link: string }
  | { readonly text?: string; readonly base64?: string; readonly mode?: number };

export type Tree = Readonly<Record<string, TreeEntry>>;

export function makeTree(root: string, tree: Tree): void {
  ensureDirSync(root);
  for (const [path, entry] of Object.entries(tree)) {
    const place = join(root, path);
    if (entry === null) ensureDirSync(place);
    else if (typeof entry === 'string') outputFileSync(place, entry);
    else if ('link' in entry) {
      ensureDirSync(dirname(place));
      symlinkSync(entry.link, place);
    } else {
      outputFileSync(place, entry.base64 === undefined ? entry.text! : Buffer.from(entry.base64, 'base64'));
      if (entry.mode !== undefined) chmodSync(place, entry.mode);
    }
  }
}

export function asText(bytes: Uint8Array): Text {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  return Buffer.from(text).equals(buffer) ? text : { base64: buffer.toString('base64') };
}

/** In RAM where there is a place for that: thousands of small directories take their time on some disks. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'muster-'));
}
