/** Lines that stay in their pipe until they are written: a logger that is killed loses none, and writes none twice. */
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SafePipe } from '@muster/tree/logger/log-writer';
import { describe, expect, it } from 'vitest';
import { bytes, content, files, numbered, root, writer } from './log-rig.ts';

/** What a logger reads from, which is killed when it was asked for something for the `last`-th time. */
class FragilePipe implements SafePipe {
  #steps = 0;

  constructor(
    public text: string,
    readonly last = Number.POSITIVE_INFINITY,
  ) {}

  digest(count: number): bigint | null {
    this.#step();
    return count > this.text.length ? null : Bun.hash.wyhash(this.text.slice(0, count), 7n);
  }

  consume(count: number): void {
    this.#step();
    this.text = this.text.slice(count);
    this.#step();
  }

  #step(): void {
    if (++this.#steps === this.last) throw new Error('killed');
  }
}

describe('lines that stay in their pipe until they are written', () => {
  /** What is left of `text` when a logger that was killed at that step is followed by another one. */
  function killedAt(step: number, text: string, meanwhile = () => {}): string[] {
    const pipe = new FragilePipe(text, step);
    const first = writer({ keep: 1000 });
    first.flush();
    try {
      while (pipe.text !== '') first.writeFrom(pipe, bytes(pipe.text));
    } catch (error) {
      expect(String(error)).toContain('killed');
    }
    meanwhile();
    const rest = new FragilePipe(`${pipe.text}one more\n`);
    const second = writer({ keep: 1000 });
    second.flush();
    second.resume(rest);
    while (rest.text !== '') second.writeFrom(rest, bytes(rest.text));
    second.close();
    return files().flatMap((name) => content(name).trimEnd().split('\n'));
  }

  const text = numbered(1, 17).join('');
  const whole = `${text}one more`.split('\n');

  // Five lines a file, three steps a file: the digest, before the lines are taken out, after it.
  it.each(Array.from({ length: 13 }, (_, step) => step + 1))('are there once, killed at step %i', (step) => {
    expect(killedAt(step, text)).toEqual(whole);
  });

  it('are written anew where the system had written a part of them', () => {
    const cut = () => truncateSync(join(root, 'log/current'), 30);
    expect(killedAt(2, text, cut)).toEqual(whole);
  });

  it('are no others, though these follow the same intent', () => {
    expect(killedAt(3, numbered(1, 5).join(''))).toEqual([...numbered(1, 5).map((line) => line.trim()), 'one more']);
  });

  it('are held back like others when they cannot be written', () => {
    writeFileSync(join(root, 'log'), 'a file is in the way');
    const pipe = new FragilePipe(text);
    const log = writer({ size: 10_000 });
    log.flush();
    expect(log.writeFrom(pipe, bytes(text))).toBe(text.length);
    expect([pipe.text, log.isHoldingBack]).toEqual(['', true]);
    rmSync(join(root, 'log'));
    expect(log.close()).toBe(true);
    expect(content('current')).toBe(text);
  });
});
