/** Markdown as text for a terminal of 80 columns. */
import type { Token, Tokens } from 'marked';

const WIDTH = 78;

export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(blockText)
    .filter((text) => text !== '')
    .join('\n\n');
}

function blockText(token: Token): string {
  switch (token.type) {
    case 'paragraph':
      return wrap(plain(token.tokens ?? []));
    case 'code':
      return indent((token as Tokens.Code).text, '    ');
    case 'list':
      return (token as Tokens.List).items.map((item) => hang('- ', plain(item.tokens))).join('\n');
    case 'table':
      return (token as Tokens.Table).rows.map(rowText).join('\n');
    case 'space':
      return '';
    default:
      return wrap(plain([token]));
  }
}

/** The first cell by itself, the others below it. */
function rowText(row: readonly Tokens.TableCell[]): string {
  const [name, ...cells] = row.map(({ tokens }) => plain(tokens));
  return [name, ...cells.filter((cell) => cell !== '').map((cell) => wrap(cell, '    '))].join('\n');
}

/** Without what only says how it is set. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'codespan' || token.type === 'escape') return (token as Tokens.Codespan).text;
      if ('tokens' in token && token.tokens !== undefined) return plain(token.tokens);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');
}

function hang(mark: string, text: string): string {
  return `${mark}${wrap(text, ' '.repeat(mark.length)).trimStart()}`;
}

function wrap(text: string, margin = ''): string {
  const lines: string[] = [];
  let line = margin;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== margin && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = margin;
    }
    line += line === margin ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

function indent(text: string, margin: string): string {
  return text.replace(/^(?=.)/gm, margin);
}
