/**
 * `on-failed` and `on-done` as scripts: executed by the embedded tree, or by a generated `finish`, once an end is final. Both get
 * the words of `finish`. What they do is a command like any other, in a session of its own: it may end the tree that started it.
 */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { SEQUEL_FILES } from '@muster/store/live/service-files';
import type { RenderTarget } from '../supervisor-adapter.ts';
import { script } from './file-entry.ts';
import { quoted } from './shell.ts';

export function sequelScripts({ onFailed, onDone }: Longrun, target: RenderTarget): FileEntry[] {
  const files: FileEntry[] = [];
  if (onFailed !== null) files.push(script(SEQUEL_FILES.failed, sequel(onFailed, target, { least: 1 })));
  if (onDone !== null) files.push(script(SEQUEL_FILES.done, sequel(onDone, target, { least: 0 })));
  return files;
}

/** `least`: what an exit status is that stands for the end of the service. */
function sequel(text: string, { live, muster }: RenderTarget, { least }: { readonly least: number }): string[] {
  const [verb, word] = text.split(/ (.*)/s);
  const command = (...words: string[]) => [muster, ...words].map(quoted).join(' ');
  if (verb === 'start') return [`exec ${command('change', '-l', live, '--', word ?? '')}`];
  const code =
    word === undefined
      ? ['code=$1', '[ "$2" -eq 0 ] || code=$((128 + $2))', `[ "$code" -ge ${least} ] || code=${least}`]
      : [`code=${word}`];
  const end = command('shutdown', '-l', live);
  // Only a container exits with anything.
  return [...code, `${end} --exit-code "$code" 2>/dev/null || exec ${end}`];
}
