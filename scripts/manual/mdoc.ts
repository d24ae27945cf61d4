/** Markdown tokens as mdoc(7), the language of manual pages. */
import type { Token, Tokens } from 'marked';

/** Words as they are, whatever they begin with. */
export function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replace(/^(?=[.'])/gm, '\\&');
}

/** An argument of a macro: one word, however many it has. */
export function argument(text: string): string {
  return `"${text.replaceAll('\\', '\\e').replaceAll('"', '\\(dq')}"`;
}

export function mdocOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap(block);
}

function block(token: Token): string[] {
  switch (token.type) {
    case 'space':
    case 'html':
      return [];
    case 'heading': {
      const { depth, text } = token as Tokens.Heading;
      const title = text.replaceAll('`', '');
      if (depth === 1) return [];
      return depth === 2 ? [`.Sh ${title.toUpperCase()}`] : [`.Ss ${argument(title)}`];
    }
    case 'code':
      return ['.Bd -literal -offset indent', ...escaped((token as Tokens.Code).text).split('\n'), '.Ed'];
    case 'list':
      return ['.Bl -bullet', ...(token as Tokens.List).items.flatMap(({ tokens }) => ['.It', ...lines(tokens)]), '.El'];
    case 'table':
      return tableOf(token as Tokens.Table);
    case 'paragraph':
      return ['.Pp', ...lines((token as Tokens.Paragraph).tokens)];
    default:
      return lines([token]);
  }
}

/** A list of what stands in the first cells, each with what its row says. */
function tableOf({ rows }: Tokens.Table): string[] {
  const items = rows.flatMap(([first, ...rest]) => [
    `.It Sy ${argument(plain(first?.tokens ?? []))}`,
    ...rest
      .filter(({ text }) => text !== '')
      .flatMap((cell, at) => [...(at === 0 ? [] : ['.br']), ...lines(cell.tokens)]),
  ]);
  return ['.Bl -tag -width Ds', ...items, '.El'];
}

/** Running text: each sentence begins a line, as roff has it. */
function lines(tokens: readonly Token[]): string[] {
  return inline(tokens)
    .replace(/([.!?:]\)?) +(?=[A-Z★\\(])/g, '$1\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function inline(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      switch (token.type) {
        case 'codespan':
          return `\\fB${(token as Tokens.Codespan).text.replaceAll('\\', '\\e')}\\fP`;
        case 'em':
          return `\\fI${inline((token as Tokens.Em).tokens)}\\fP`;
        case 'br':
          return '\n';
        default:
          if ('tokens' in token && token.tokens !== undefined) return inline(token.tokens);
          return 'text' in token ? escaped(String(token.text)) : '';
      }
    })
    .join('')
    .replace(/^(?=[.'])/gm, '\\&');
}

function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if ('tokens' in token && token.tokens !== undefined) return plain(token.tokens);
      return 'text' in token ? String(token.text) : '';
    })
    .join('')
    .trim();
}
