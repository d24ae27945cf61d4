/** What the pages of docs/ know of one word: a file of a definition, the code of a diagnostic, or a word of Muster's own. */
import { lexer, type Token, type Tokens } from 'marked';
import { PAGES, type PageName } from './pages.ts';

/** A part of a page that answers a word. */
export interface Passage {
  /** Where it stands: headings from the top of the page to it. */
  readonly under: readonly string[];
  readonly tokens: readonly Token[];
}

/** Entries that a word can be asked for by, and what each says. */
export class Manual {
  readonly #entries = new Map<string, Passage[]>();
  readonly #sections: Section[] = [];

  constructor(pages: Readonly<Record<PageName, string>>) {
    for (const page of PAGES) {
      const sections = sectionsOf(lexer(pages[page]));
      this.#sections.push(...sections);
      for (const section of sections) this.#addSection(section);
      for (const section of sections) this.#addRows(section, page === 'words');
    }
  }

  /** Every word that something is known of. */
  get words(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Empty if nothing is known. What has no entry is looked for as a literal in the text. */
  find(word: string): readonly Passage[] {
    return this.#entries.get(keyOf(word)) ?? this.#mentions(keyOf(word));
  }

  #mentions(key: string): Passage[] {
    return this.#sections
      .filter(({ tokens }) => tokens.some((token) => token.type !== 'code' && mentions(token, key)))
      .map(({ headings, tokens }) => ({ under: headings, tokens }));
  }

  #add(word: string, passage: Passage): void {
    const key = keyOf(word);
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, [passage]);
    else known.push(passage);
  }

  #addSection({ headings, tokens }: Section): void {
    const heading = headings.at(-1);
    if (heading === undefined || headings.length < 2) return;
    const code = /^(RC\d{4}):/.exec(heading)?.[1];
    this.#add(code ?? heading, { under: headings, tokens });
  }

  /** Of tables: each row answers for what stands in its first cell. */
  #addRows({ headings, tokens }: Section, isGlossary: boolean): void {
    for (const token of tokens) {
      if (token.type !== 'table') continue;
      const table = token as Tokens.Table;
      // What a word means is for everybody; where it is defined in the code is not.
      const columns = isGlossary ? 2 : table.header.length;
      for (const row of table.rows) {
        const shown: Tokens.Table = { ...table, header: table.header.slice(0, columns), rows: [row.slice(0, columns)] };
        const passage = { under: headings, tokens: [shown] };
        const first = row[0]?.text ?? '';
        const names = isGlossary ? first.split(', ') : [...first.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
        const coded = /^(RC\d{4})\b/.exec(first)?.[1];
        for (const name of coded === undefined ? names : [coded]) this.#add(name, passage);
      }
    }
  }
}

interface Section {
  readonly headings: readonly string[];
  /** What stands below the last of them, up to the next one. */
  readonly tokens: Token[];
}

function sectionsOf(tokens: readonly Token[]): Section[] {
  const sections: Section[] = [];
  let headings: string[] = [];
  let current: Section = { headings, tokens: [] };
  for (const token of tokens) {
    if (token.type !== 'heading') {
      current.tokens.push(token);
      continue;
    }
    const { depth, text } = token as Tokens.Heading;
    headings = [...headings.slice(0, depth - 1), text.replace(/ ?★/, '')];
    current = { headings, tokens: [] };
    sections.push(current);
  }
  return sections;
}

function mentions(token: Token, key: string): boolean {
  if (token.type === 'codespan') return keyOf((token as Tokens.Codespan).text) === key;
  return 'tokens' in token && (token.tokens ?? []).some((part) => mentions(part, key));
}

/** `Contents.d/`, `contents.d` are one. */
function keyOf(word: string): string {
  return word.toLowerCase().replace(/\/$/, '');
}
