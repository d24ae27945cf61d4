/** Daemons that everybody knows to go into the background: they get the option that keeps them from it. */
import { backgrounding, optionToStay } from '@muster/core/compile/lint/background';
import { DISK, type FileReader } from '../files/reader.ts';
import { shWord } from '../words/sh.ts';

export interface Foreground {
  readonly words: readonly string[];
  /** What was added; null if nothing was. */
  readonly option: string | null;
}

const NGINX_CONF = '/etc/nginx/nginx.conf';

/** `root`: where the image's absolute paths lie. */
export function withForeground(words: readonly string[], root: string, files: FileReader = DISK): Foreground {
  if (backgrounding(`#!/bin/sh\nexec ${words.map(shWord).join(' ')}\n`) === null) return { words, option: null };
  const option = optionToStay(words[0] ?? '');
  if (option === null || (option.includes('daemon off') && saysDaemonOff(words, root, files)))
    return { words, option: null };
  return { words: [...words, ...option.split(/ (.*)/).filter(Boolean)], option };
}

/** nginx refuses to hear it twice; who cannot look into its configuration does not say it either. */
function saysDaemonOff(words: readonly string[], root: string, files: FileReader): boolean {
  const at = words.indexOf('-c');
  const read = files.text(`${root === '/' ? '' : root}${at === -1 ? NGINX_CONF : (words[at + 1] ?? '')}`);
  return !read.ok || /^\s*daemon\s+off\s*;/m.test(read.value);
}
