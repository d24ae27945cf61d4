/** Manual pages: of every command from the table that its arguments are parsed by, of files and diagnostics from docs/. */

import { KNOWN_FILES } from '@muster/core/compile/known-files';
import { CODES } from '@muster/core/diagnostics/codes';
import { lexer, type Tokens } from 'marked';
import type { Command, Option } from '../../packages/cli/src/arguments/command.ts';
import { optionsOf } from '../../packages/cli/src/arguments/yargs.ts';
import { EXIT } from '../../packages/cli/src/exit-codes.ts';
import { EXIT_MEANINGS } from '../../packages/cli/src/exit-meanings.ts';
import type { PageName } from '../../packages/cli/src/help/pages.ts';
import { argument, escaped, mdocOf } from './mdoc.ts';

export interface ManualPage {
  /** `rc-status`; with `section` its file name. */
  readonly name: string;
  readonly section: 1 | 5 | 7;
  readonly text: string;
}

/** What stands at the head and foot of each page. */
export interface Edition {
  readonly version: string;
  readonly date: Date;
}

const SOURCE = 'rc-source';
const DIAGNOSTICS = 'rc-diagnostics';
const WORDS = 'rc-words';

export function commandPage(name: string, command: Command, edition: Edition): ManualPage {
  const program = `rc-${name}`;
  const lines = [
    ...head(program, 1, firstLower(command.summary), edition),
    '.Sh SYNOPSIS',
    '.Nm',
    '.Op Ar OPTION ...',
    ...(command.operands === undefined ? [] : [`.Ar ${argument(command.operands)}`]),
    '.Sh DESCRIPTION',
    `${escaped(command.summary)}.`,
    '.Pp',
    'It may be called as',
    `.Ql muster ${name} ,`,
    'too.',
    '.Ss Options',
    '.Bl -tag -width Ds',
    ...Object.entries(optionsOf(command)).flatMap(([option, about]) => [
      `.It ${optionHead(option, about)}`,
      escaped(about.help),
    ]),
    '.El',
    ...ENVIRONMENT,
    '.Sh EXIT STATUS',
    '.Bl -tag -width 111',
    ...Object.entries(EXIT).flatMap(([kind, code]) => [
      `.It ${code}`,
      escaped(EXIT_MEANINGS[kind as keyof typeof EXIT]),
    ]),
    '.El',
    ...(command.examples.length === 0 ? [] : ['.Sh EXAMPLES', ...command.examples.flatMap(exampleOf)]),
    ...seeAlso([`${SOURCE} 5`, `${DIAGNOSTICS} 7`, `${WORDS} 7`]),
  ];
  return { name: program, section: 1, text: textOf(lines) };
}

/** The pages that are made of docs/, and for each file and code a page that is the one in which it is explained. */
export function documentPages(pages: Readonly<Record<PageName, string>>, edition: Edition): ManualPage[] {
  const document = (name: string, section: 5 | 7, summary: string, markdown: string): ManualPage => ({
    name,
    section,
    text: textOf([
      ...head(name, section, summary, edition),
      '.Sh DESCRIPTION',
      ...mdocOf(lexer(markdown)),
      ...seeAlso([`${SOURCE} 5`, `${DIAGNOSTICS} 7`, `${WORDS} 7`].filter((other) => other !== `${name} ${section}`)),
    ]),
  });
  const alias = (name: string, section: 5 | 7, page: string): ManualPage => ({
    name,
    section,
    text: `.so man${section}/${page}.${section}\n`,
  });
  return [
    document(SOURCE, 5, 'definitions of services', pages['source-format']),
    document(DIAGNOSTICS, 7, 'what the commands complain about, and the way out', pages.diagnostics),
    document(WORDS, 7, 'the words of Muster', forEverybody(pages.words)),
    ...[...KNOWN_FILES.keys()].map((file) => alias(`rc-source-${file}`, 5, SOURCE)),
    ...Object.values(CODES).map((code) => alias(code, 7, DIAGNOSTICS)),
  ];
}

const ENVIRONMENT = [
  '.Sh ENVIRONMENT',
  '.Bl -tag -width RC_COMPILED',
  ...[
    ['RC_LIVE', 'the live directory; otherwise /run/rc for root, and $XDG_RUNTIME_DIR/rc for anybody else'],
    ['RC_SOURCE', 'the source; otherwise /etc/rc/source, and ~/.config/rc/source'],
    ['RC_COMPILED', 'the database; otherwise /etc/rc/compiled, and ~/.local/state/rc/compiled'],
    ['NO_COLOR', 'if it is set, nothing is coloured'],
  ].flatMap(([name, meaning]) => [`.It Ev ${name}`, escaped(meaning!)]),
  '.El',
];

function head(name: string, section: number, summary: string, { version, date }: Edition): string[] {
  const month = date.toLocaleString('en', { month: 'long', timeZone: 'UTC' });
  return [
    `.Dd ${month} ${date.getUTCDate()}, ${date.getUTCFullYear()}`,
    `.Dt ${name.toUpperCase()} ${section}`,
    `.Os Muster ${version}`,
    '.Sh NAME',
    `.Nm ${name}`,
    `.Nd ${escaped(summary)}`,
  ];
}

function optionHead(name: string, { short, value }: Option): string {
  const ends = value === undefined ? '' : ` Ns = Ns Ar ${value}`;
  const letter = short === undefined ? '' : `Fl ${short}${value === undefined ? '' : ` Ar ${value}`} , `;
  return `${letter}Fl -${name}${ends}`;
}

function exampleOf([line, meaning]: readonly [string, string]): string[] {
  return ['.Bd -literal -compact', escaped(line), '.Ed', `.D1 ${escaped(meaning)}`];
}

function seeAlso(others: readonly string[]): string[] {
  return ['.Sh SEE ALSO', ...others.map((other, at) => `.Xr ${other}${at < others.length - 1 ? ' ,' : ''}`)];
}

/** Words without the columns that are about the code. */
function forEverybody(words: string): string {
  return lexer(words)
    .map((token) => {
      if (token.type !== 'table') return token.raw;
      const { rows } = token as Tokens.Table;
      return `| word | what it is |\n| --- | --- |\n${rows.map(([word, meaning]) => `| ${word!.text} | ${meaning!.text} |`).join('\n')}\n\n`;
    })
    .join('');
}

function firstLower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A heading is a paragraph's beginning already. */
function textOf(lines: readonly string[]): string {
  const kept = lines.filter((line, at) => line !== '.Pp' || !/^\.S[hs] /.test(lines[at - 1] ?? ''));
  return `${kept.join('\n')}\n`;
}
