/** The small files of a simulated machine: they outlive everything that writes them. */

/** A pipe with a name. What is in it is gone once nobody has it open. */
export class Fifo {
  content = '';
  /** Milliseconds since the epoch; each write sets it. */
  time = 0;
  #readers = 0;
  #writers = 0;

  get hasWriters(): boolean {
    return this.#writers > 0;
  }

  open(end: 'reading' | 'both'): void {
    this.#readers++;
    if (end === 'both') this.#writers++;
  }

  close(end: 'reading' | 'both'): void {
    this.#readers--;
    if (end === 'both') this.#writers--;
    if (this.#readers === 0) this.content = '';
  }

  write(text: string, time: number): void {
    this.content += text;
    this.time = time;
  }
}

export class Disk {
  /** What the author of each service directory wrote, by the directory's path. */
  readonly directories = new Map<string, Map<string, string>>();
  readonly files = new Map<string, Uint8Array>();
  readonly fifos = new Map<string, Fifo>();

  /** Throws ENOENT. */
  read(path: string): Buffer {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw absent(path);
    return Buffer.from(bytes);
  }

  /** Of a file that somebody has open, and writes to in place. */
  write(path: string, bytes: Uint8Array, at: number): void {
    const before = this.files.get(path) ?? new Uint8Array();
    const after = before.length >= at + bytes.length ? before : new Uint8Array(at + bytes.length);
    if (after !== before) after.set(before);
    after.set(bytes, at);
    this.files.set(path, after);
  }

  authors(path: string): string {
    const slash = path.lastIndexOf('/');
    const text = this.directories.get(path.slice(0, slash))?.get(path.slice(slash + 1));
    if (text === undefined) throw absent(path);
    return text;
  }
}

export function absent(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT', errno: -2 });
}
