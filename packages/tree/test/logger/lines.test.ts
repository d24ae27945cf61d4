import { LineSplitter, LONGEST_LINE } from '@muster/tree/logger/lines';
import { selection } from '@muster/tree/logger/selection';
import { stamper } from '@muster/tree/logger/stamp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (line: Uint8Array) => new TextDecoder().decode(line);

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ maxLength: 20 }).map((any) => any.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (lines, cuts) => {
        const all = bytes(lines.map((each) => `${each}\n`).join(''));
        const splitter = new LineSplitter();
        const found: string[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const length = cuts[i % cuts.length]!;
          // A reader may give the same buffer again and again.
          const chunk = all.slice(at, at + length);
          for (const each of splitter.split(chunk)) found.push(text(each));
          chunk.fill(0);
          at += length;
        }
        expect(found).toEqual(lines.map((each) => text(bytes(each))));
        expect(splitter.end()).toBeNull();
      }),
    );
  });

  it('gives the rest at the end, and breaks what is too long', () => {
    const splitter = new LineSplitter();
    const long = 'x'.repeat(LONGEST_LINE * 2 + 5);
    expect([...splitter.split(bytes(`${long}\nrest`))].map(({ length }) => length)).toEqual([
      LONGEST_LINE,
      LONGEST_LINE,
      5,
    ]);
    expect(text(splitter.end()!)).toBe('rest');
  });
});

describe('selection', () => {
  const kept = (select: Parameters<typeof selection>[0], ...lines: string[]) =>
    lines.filter((line) => selection(select)(bytes(line)));

  it('keeps everything without directives', () => {
    expect(kept([], 'a', '')).toEqual(['a', '']);
  });
  it('keeps only what is included, when that comes first', () => {
    expect(kept([{ action: 'include', pattern: '^a' }], 'ab', 'ba')).toEqual(['ab']);
  });
  it('lets the last match decide', () => {
    const select = [
      { action: 'exclude', pattern: 'debug' },
      { action: 'include', pattern: 'debug.*!' },
    ] as const;
    expect(kept(select, 'debug', 'debug!', 'other')).toEqual(['debug!', 'other']);
  });
});

describe('stamper', () => {
  const time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  it.each([
    ['iso', '', '2026-01-02T03:04:05.678Z '],
    ['iso', 'web:', '2026-01-02T03:04:05.678Z web: '],
    ['tai64n', '', `@40000000695735ca28697580 `],
    ['none', 'web: ', 'web: '],
    ['none', '', ''],
  ] as const)('%s with the prefix "%s"', (form, prefix, stamp) => {
    expect(text(stamper(form, prefix)(time))).toBe(stamp);
  });
});
