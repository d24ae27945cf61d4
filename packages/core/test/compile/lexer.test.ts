import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lex } from '@muster/core/compile/lexer';
import { expect, test } from 'vitest';

type Text = string | { readonly base64: string };

interface LexerCase {
  readonly text: Text;
  readonly ok: boolean;
  readonly argv?: readonly Text[];
  readonly error?: string;
}

const path = join(import.meta.dirname, '../../../../fixtures/conformance/lexer.json');
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: readonly LexerCase[] };

test('every text is lexed as execlineb lexes it', () => {
  expect(cases.length).toBeGreaterThan(600);
  for (const { text, ok, argv, error } of cases) {
    const lexed = lex(bytes(text));
    const answer = lexed.ok ? { ok: true, argv: lexed.value.argv.map(hex) } : { ok: false, error: lexed.problem.kind };
    expect(answer, JSON.stringify(text)).toEqual(
      ok ? { ok, argv: argv!.map((word) => hex(bytes(word))) } : { ok, error },
    );
  }
});

test('an error says where its cause is', () => {
  expect(lex(bytes('a { b\n  { c } d'))).toMatchObject({ problem: { kind: 'unmatched-open-brace', at: 2 } });
  expect(lex(bytes('a { b } } c'))).toMatchObject({ problem: { kind: 'unmatched-close-brace', at: 8 } });
  expect(lex(bytes('a "b\nc'))).toMatchObject({ problem: { kind: 'syntax-error', at: 2 } });
  expect(lex(bytes('a "\\256"'))).toMatchObject({ problem: { kind: 'syntax-error', at: 3 } });
});

test('what could not be executed is refused, and no more of it is looked at than that takes', () => {
  for (const text of [
    `echo ${'a'.repeat(50_000_000)}`,
    'a '.repeat(25_000_000),
    '{ '.repeat(5_000_000),
    `"${'a'.repeat(9_000_000)}"`,
  ])
    expect(lex(bytes(text))).toMatchObject({ ok: false, problem: { kind: 'too-large' } });
  expect(lex(bytes(`# ${'a '.repeat(9_000_000)}\necho ${'a'.repeat(6_000_000)}`))).toMatchObject({ ok: true });
  expect(lex(bytes(`${'{ '.repeat(2000)}${'} '.repeat(2000)}`))).toMatchObject({ ok: true });
});

function bytes(text: Text): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : Buffer.from(text.base64, 'base64');
}

function hex(word: Uint8Array): string {
  return Buffer.from(word).toString('hex');
}
