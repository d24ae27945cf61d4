/** A terminal with a program on it: what it shows, and somebody who types. util-linux's `script` is the terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { eventually } from '@muster/posix/test/eventually';

export class Terminal {
  /** Everything that was shown. */
  output = '';
  /** Exit status of the program. */
  readonly ended: Promise<number | null>;
  readonly #script: ChildProcess;

  /** `command` is a line for sh. */
  constructor(command: string, environment: Record<string, string>) {
    this.#script = spawn('script', ['--quiet', '--return', '--flush', '--echo', 'always', '-c', command, '/dev/null'], {
      env: { ...environment, TERM: 'xterm', SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#script.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.ended = new Promise((resolve) => {
      this.#script.on('close', resolve);
    });
  }

  async shows(text: string): Promise<void> {
    try {
      await eventually('', () => this.output.includes(text));
    } catch {
      throw new Error(`the terminal does not show ${JSON.stringify(text)} but ${JSON.stringify(this.output)}`);
    }
  }

  type(keys: string): void {
    this.#script.stdin!.write(keys);
  }

  close(): void {
    this.#script.kill('SIGKILL');
  }
}
