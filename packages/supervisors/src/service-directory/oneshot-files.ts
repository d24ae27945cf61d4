/** The directory of a oneshot, which the runner of oneshots reads. */
import type { FileEntry, Oneshot, OneshotCommand } from '@muster/core/model/definition';
import { encodeOneshotStatus, NEVER_RUN } from '@muster/protocol/oneshots/protocol';
import {
  ARGV_SUFFIX,
  CONSOLE_FLAG,
  DOWN_FILE,
  INSTANCE_FILE,
  RELOAD_FILE,
  STATUS_FILE,
  UP_FILE,
} from '@muster/store/live/service-files';
import { flagFile, setting } from './file-entry.ts';

/** Its room is taken before any script runs: then how one ended can be written however full the file system is. */
export const ONESHOT_STATUS = setting(STATUS_FILE, encodeOneshotStatus(NEVER_RUN).trimEnd());

/** `mayAsk`: it has `flag-console`. */
export function oneshotFiles(oneshot: Oneshot, { mayAsk }: { readonly mayAsk: boolean }): FileEntry[] {
  const files = [commandFile(UP_FILE, oneshot.up), commandFile(DOWN_FILE, oneshot.down)];
  if (oneshot.reload !== null) files.push(commandFile(RELOAD_FILE, oneshot.reload));
  if (oneshot.instance !== null) files.push(setting(INSTANCE_FILE, oneshot.instance));
  if (mayAsk) files.push(flagFile(CONSOLE_FLAG));
  return files;
}

/** A script is executed; a vector of words, each ended by NUL, is executed without a shell. */
function commandFile(file: string, command: OneshotCommand): FileEntry {
  switch (command.form) {
    case 'script':
      return { kind: 'file', path: file, mode: 0o755, content: command.content };
    case 'argv':
      return { kind: 'file', path: `${file}${ARGV_SUFFIX}`, mode: 0o644, content: wordsEndedByNul(command.argv) };
  }
}

function wordsEndedByNul(words: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(words.reduce((length, word) => length + word.length + 1, 0));
  let at = 0;
  for (const word of words) {
    bytes.set(word, at);
    at += word.length + 1;
  }
  return bytes;
}
