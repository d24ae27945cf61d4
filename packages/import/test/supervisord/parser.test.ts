/** Configurations are read as supervisord reads them: random texts, judged by Debian's own. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Account } from '../../src/account/account.ts';
import { type IniSection, readIni } from '../../src/supervisord/ini.ts';
import { expandFormat } from '../../src/supervisord/python-format.ts';
import { splitCommand, splitPairs } from '../../src/supervisord/shlex.ts';
import { boolean, byteSize, exitCodes, signal } from '../../src/supervisord/values.ts';
import { askOriginal, hasSupervisord } from './original-parser.ts';

const COUNT = 1500;

function textOf(...pieces: string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((chosen) => chosen.join(''));
}

function sample(arbitrary: fc.Arbitrary<string>): string[] {
  return fc.sample(arbitrary, { numRuns: COUNT, seed: 17 });
}

/** Null where supervisord would not start. */
function sectionsOf(text: string): Record<string, Record<string, string>> | null {
  const sections = new Map<string, IniSection>();
  const account = new Account('test');
  readIni(account.open('x', text), sections, account, { dialect: 'python', here: '%(here)s' });
  if (
    account.close().entries.some(({ key, message }) => key === '' && message !== '' && !message.startsWith('is not m'))
  )
    return null;
  return Object.fromEntries(
    [...sections].map(([name, section]) => [
      name,
      Object.fromEntries(section.directives.map(({ key, value }) => [key, value])),
    ]),
  );
}

describe.skipIf(!hasSupervisord)("supervisord's own parser agrees on", () => {
  test('sections, keys, continued values and comments', () => {
    const texts = sample(
      textOf(
        '[a]\n',
        '[b:c]',
        '\n',
        '\n',
        ' ',
        '  ',
        '\t',
        'Key',
        'k',
        '=',
        ':',
        'v',
        '"',
        ';',
        '#',
        ' ;',
        '[',
        ']',
        '\r\n',
        '%',
      ),
    );
    const judged = askOriginal(texts.map((text) => ['ini', text]));
    expect(texts.map((text) => [text, sectionsOf(text)])).toEqual(texts.map((text, at) => [text, judged[at]]));
  });

  test('the pairs of environment', () => {
    const texts = sample(
      textOf('A', 'b1', '=', '=', ',', '"', "'", ' ', '$', '@', ';', '#', '\n', 'x/y', '(z)', '\\', '-'),
    );
    const judged = askOriginal(texts.map((text) => ['pairs', text]));
    const own = texts.map((text) => {
      const { pairs, problem } = splitPairs(text);
      return problem === null ? [...new Map(pairs)] : null;
    });
    expect(texts.map((text, at) => [text, own[at]])).toEqual(texts.map((text, at) => [text, judged[at]]));
  });

  test('the words of command', () => {
    const texts = sample(textOf('a', 'b', ' ', '\t', '\n', '"', "'", '\\', '#', ';', '$', '|'));
    const judged = askOriginal(texts.map((text) => ['command', text]));
    const own = texts.map((text) => {
      const split = splitCommand(text);
      return split.ok ? split.value : null;
    });
    expect(texts.map((text, at) => [text, own[at]])).toEqual(texts.map((text, at) => [text, judged[at]]));
  });

  test('names in %(…)', () => {
    const names = new Map<string, string | number>([
      ['program_name', 'web'],
      ['process_num', 7],
      ['ENV_A', 'x y'],
    ]);
    const texts = sample(
      textOf(
        '%(program_name)',
        '%(process_num)',
        '%(ENV_A)',
        '%(ENV_B)',
        's',
        'd',
        '02d',
        '-5d',
        'x',
        '%%',
        '%',
        ' ',
        'a',
        '5s',
        '.3d',
        '+d',
      ),
    );
    // Without a name Python shows all of the names and their values: nobody means that.
    const judged = askOriginal(texts.map((text) => ['format', text])).map((value) =>
      String(value).includes("{'program_name'") ? null : value,
    );
    const own = texts.map((text) => {
      const expanded = expandFormat(text, (name) => names.get(name));
      return expanded.ok ? expanded.value.text : null;
    });
    expect(texts.map((text, at) => [text, own[at]])).toEqual(texts.map((text, at) => [text, judged[at]]));
  });

  test('sizes, truths, exit codes and signals', () => {
    const words = [
      '',
      '0',
      '1',
      '50MB',
      '1 kb',
      '2GB',
      '1.5MB',
      'true',
      'YES',
      'off',
      'maybe',
      '0,2',
      '256',
      'TERM',
      'SIGUSR1',
      'usr1',
      '9',
      '77',
      'x',
    ];
    const ask = (reader: 'size' | 'boolean' | 'codes' | 'signal') => askOriginal(words.map((word) => [reader, word]));
    expect(words.map(byteSize)).toEqual(ask('size'));
    expect(words.map(boolean)).toEqual(ask('boolean'));
    expect(words.map(exitCodes)).toEqual(ask('codes'));
    // Signal 0 stops nothing.
    expect(words.map((word) => signal(word) !== null)).toEqual(ask('signal').map(Boolean));
  });
});

describe('a value that is known at start', () => {
  test('stays as it was, and the rest of the text is put in its place', () => {
    const late = (text: string) => expandFormat(text, (name) => (name === 'a' ? '5%' : null));
    expect(late('x %(a)s 10%% %(ENV_B)s')).toEqual({
      ok: true,
      value: { text: 'x 5%% 10%% %(ENV_B)s', isFinal: false },
    });
    expect(late('x %(a)s 10%%')).toEqual({ ok: true, value: { text: 'x 5% 10%', isFinal: true } });
  });
});

test('supervisord in Go does not cut a value', () => {
  const sections = new Map<string, IniSection>();
  const account = new Account('test');
  readIni(account.open('x', '[a]\nk = b ; c\n'), sections, account, { dialect: 'go', here: '/' });
  expect(sections.get('a')?.get('k')?.value).toBe('b ; c');
});
