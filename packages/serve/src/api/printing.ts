/** Operations that are a command's own answer: plans, differences, the timeline, the graph. Each is a process for the time of it. */
import { spawn } from 'node:child_process';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { answerProblem } from './answer.ts';
import { ChangeBody, Printed } from './data.ts';
import { body, json, PROBLEMS } from './routes.ts';
import type { ServerContext } from './server-context.ts';

/** Bytes that an answer may have. */
const LARGEST = 64 * 1024 * 1024;
const UNKNOWN_NAME = 3;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function addPrinting(app: OpenAPIHono, { root, muster }: ServerContext): void {
  const answer = async (context: Context, argv: readonly string[]): Promise<Response> => {
    const { status, stdout, stderr } = await run(muster, argv, context.req.raw.signal);
    if (stdout.startsWith('{')) return context.body(stdout, 200, { 'Content-Type': 'application/json' });
    const message = stderr.trim();
    return answerProblem(
      context,
      status === UNKNOWN_NAME
        ? { status: 404, error: 'unknown-names', message }
        : { status: 503, error: 'unusable', message: message === '' ? `it ended with ${status}` : message },
    );
  };
  const responses = { 200: json(Printed, 'what the command prints with --json'), ...PROBLEMS };
  const live = ['--live', root];
  app.openapi(
    createRoute({
      method: 'post',
      path: '/plan',
      operationId: 'plan',
      request: {
        query: z.object({ for: z.enum(['start', 'stop', 'restart', 'reload']).optional() }),
        ...body(ChangeBody.pick({ names: true, force: true })),
      },
      responses,
    }),
    (context) => {
      const { names, force } = context.req.valid('json');
      const way = { start: '--up', stop: force ? '--force-down' : '--down', restart: '--restart', reload: '--reload' };
      const words = ['--dry-run', '--json', way[context.req.valid('query').for ?? 'start']];
      return answer(context, ['change', ...live, ...words, '--', ...names]) as never;
    },
  );
  for (const [path, argv] of [
    ['diff', ['diff', '--json']],
    ['timeline', ['timeline', '--json']],
    ['graph', ['graph', '--format', 'json']],
  ] as const) {
    app.openapi(
      createRoute({ method: 'get', path: `/${path}`, operationId: path, responses }),
      (context) => answer(context, [argv[0], ...live, ...argv.slice(1)]) as never,
    );
  }
}

function run(program: string, argv: readonly string[], signal: AbortSignal): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      if (stdout.length > LARGEST) child.kill();
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    // A client that has gone away ends it: nobody hears of that.
    child.on('error', () => {});
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
