/** `muster help WORD`: what the executable alone can tell of a file, a diagnostic or a word. */
import { Manual, type Passage } from './find.ts';
import { textOf } from './markdown.ts';
import { readPages } from './pages.ts';

let manual: Manual | undefined;

/** Everything that is known of `word` (`notification-fd`, `RC1004`, `bundle`, `templates`), each part by itself. */
export function passagesFor(word: string): readonly string[] {
  return open().find(word).map(passageText);
}

/** Every word that something is known of. */
export function knownWords(): readonly string[] {
  return open().words;
}

function open(): Manual {
  manual ??= new Manual(readPages());
  return manual;
}

function passageText({ under, tokens }: Passage): string {
  return `${under.join(' > ')}\n\n${textOf(tokens)}`;
}
