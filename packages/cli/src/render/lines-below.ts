/** The lines at the bottom of a terminal that are drawn anew again and again, below what was said for good. */
import type { Speaker } from '../console.ts';

export interface Terminal {
  write(text: string): void;
  /** Of the window now. */
  size(): { readonly columns: number; readonly rows: number };
  readonly color: boolean;
}

export class LinesBelow implements Speaker {
  #drawn = 0;
  /** What was said since somebody else has the terminal; null if it is ours. */
  #held: string[] | null = null;

  readonly #terminal: Terminal;
  readonly #lines: () => readonly string[];

  constructor(terminal: Terminal, lines: () => readonly string[]) {
    this.#terminal = terminal;
    this.#lines = lines;
  }

  draw(): void {
    if (this.#held !== null) return;
    const lines = this.#lines();
    this.#terminal.write(this.#upwards() + lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  say(text: string): void {
    if (this.#held !== null) {
      this.#held.push(text);
      return;
    }
    this.#terminal.write(`${this.#upwards()}${text}\n`);
    this.#drawn = 0;
    this.draw();
  }

  clear(): void {
    this.#terminal.write(this.#upwards());
    this.#drawn = 0;
  }

  pause(): void {
    if (this.#held !== null) return;
    this.clear();
    this.#held = [];
  }

  resume(): void {
    if (this.#held === null) return;
    const texts = this.#held;
    this.#held = null;
    // Blanks as wide as the window, and back: where a script left the cursor in a line, this comes to the next one.
    this.#terminal.write(`${' '.repeat(this.#terminal.size().columns)}\r`);
    for (const text of texts) this.say(text);
  }

  /** To the first line that was drawn, and all away from there. */
  #upwards(): string {
    return this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A\x1b[J`;
  }
}
