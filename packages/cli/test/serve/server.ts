/** rc-serve on a test's site, and a client of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import type { TestSite } from '../update/test-site.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export class Server {
  readonly #site: TestSite;
  readonly socket: string;
  #process: ChildProcess | null = null;

  constructor(site: TestSite) {
    this.#site = site;
    this.socket = join(site.live, 'serve.sock');
  }

  async start(): Promise<void> {
    const child = spawn(this.#site.command('rc-serve'), [], { env: this.#site.environment, stdio: 'inherit' });
    this.#process = child;
    await eventually('the server answers', async () => {
      if (child.exitCode !== null) throw new Error(`rc-serve ended with ${child.exitCode}`);
      if (!existsSync(this.socket)) return false;
      try {
        return (await this.ask('GET', '/health')).status === 200;
      } catch {
        return false;
      }
    });
  }

  /** Resolves with its exit status, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string | null> {
    const child = this.#process!;
    return new Promise((resolve) => {
      child.once('exit', (code, by) => resolve(code ?? by));
      child.kill(signal);
    });
  }

  ask(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const call = request({
        socketPath: this.socket,
        path,
        method,
        headers: { 'Content-Type': 'application/json', ...headers },
      });
      call.once('error', reject);
      call.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (more) => {
          text += more;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.once('error', reject);
      });
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async json(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    return JSON.parse((await this.ask(method, path, body, headers)).text);
  }

  /** Server-sent events as they come; ends when the server ends them, or with `close`. */
  stream(path: string, take: (event: Sent) => void, headers: Readonly<Record<string, string>> = {}): { close(): void } {
    const call = request({ socketPath: this.socket, path, headers });
    call.on('error', () => {});
    call.once('response', (response) => {
      let text = '';
      response.on('error', () => {});
      response.setEncoding('utf8').on('data', (more) => {
        text += more;
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          take(sentFrom(text.slice(0, end)));
          text = text.slice(end + 2);
        }
      });
    });
    call.end();
    return { close: () => call.destroy() };
  }
}

export interface Sent {
  readonly id: string | null;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function sentFrom(text: string): Sent {
  const fields = new Map(
    text.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
  return {
    id: fields.get('id') ?? null,
    event: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? '{}'),
  };
}
