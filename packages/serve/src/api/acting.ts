/**
 * Operations that change something: each is written down and answered with its id, and then carried out by a process of its
 * own, with the command that a person would type.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type KeptChange, VARIABLES_FILE } from '../changes/kept-changes.ts';
import { answerProblem, answerTagged, type ProblemAnswer } from './answer.ts';
import { Change, ChangeBody, Changes, EnvironmentBody, InstanceBody, RollbackBody, UpdateBody, Wait } from './data.ts';
import { body, json, NOT_MODIFIED, PROBLEMS, TAGGED_HEADERS } from './routes.ts';
import type { ServerContext } from './server-context.ts';

/** Milliseconds between looks for a client that waits for the end of a change. */
const LOOK = 50;

const ASKED = { 202: json(Change, 'it is written down, and will be done'), ...PROBLEMS } as const;
const HEADERS = z.object({ 'idempotency-key': z.string().min(1).max(255).optional() });
const QUERY = z.object({ wait: Wait });

export function addActing(app: OpenAPIHono, server: ServerContext): void {
  const { kept, runner, root } = server;

  /** Writes it down and begins; `wait` in the query: until it is done, for so many seconds. */
  const ask = async (
    context: Context,
    verb: string,
    argv: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<Response> => {
    const key = context.req.header('Idempotency-Key') ?? null;
    const asked = kept.ask({ verb, argv, ...(variables === undefined ? {} : { variables }) }, key);
    if (asked === null)
      return answerProblem(context, {
        status: 422,
        error: 'other-change',
        message: 'this Idempotency-Key was given to another change',
      });
    runner.start(asked);
    const end = performance.now() + Number(context.req.query('wait') ?? 0) * 1000;
    for (;;) {
      const found = kept.find(asked.id);
      const isOver = found === null || found.state === 'done' || found.state === 'lost';
      if (isOver || performance.now() >= end || context.req.raw.signal.aborted)
        return context.json(changeAsData(server, found ?? { ...asked, state: 'waiting', exit: null }), 202);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  };
  const live = ['--live', root];
  const timeoutWords = (timeout: number | undefined) => (timeout === undefined ? [] : ['--timeout', `${timeout}ms`]);

  for (const [verb, words, forced] of [
    ['start', ['--up'], []],
    ['stop', ['--down'], ['--force-down']],
    ['restart', ['--restart'], ['--force-down']],
    ['reload', ['--reload'], []],
  ] as const) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/${verb}`,
        operationId: verb,
        request: { headers: HEADERS, query: QUERY, ...body(ChangeBody) },
        responses: ASKED,
      }),
      (context) => {
        const { names, timeout, noWait, force } = context.req.valid('json');
        const how = verb === 'stop' && force ? forced : [...words, ...(force ? forced : [])];
        const options = ['--json', ...how, ...timeoutWords(timeout), ...(noWait ? ['--no-wait'] : [])];
        return ask(context, verb, ['change', ...live, ...options, '--', ...names]) as never;
      },
    );
  }
  app.openapi(
    createRoute({
      method: 'post',
      path: '/update',
      operationId: 'update',
      request: { headers: HEADERS, query: QUERY, ...body(UpdateBody) },
      responses: ASKED,
    }),
    (context) => {
      const { compiled, timeout } = context.req.valid('json');
      const file = compiled === undefined ? [] : ['--', compiled];
      return ask(context, 'update', ['update', ...live, '--json', ...timeoutWords(timeout), ...file]) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/rollback',
      operationId: 'rollback',
      request: { headers: HEADERS, query: QUERY, ...body(RollbackBody) },
      responses: ASKED,
    }),
    (context) => {
      const { timeout } = context.req.valid('json');
      return ask(context, 'rollback', ['update', ...live, '--json', '--rollback', ...timeoutWords(timeout)]) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/instances',
      operationId: 'create',
      request: { headers: HEADERS, query: QUERY, ...body(InstanceBody) },
      responses: ASKED,
    }),
    (context) => {
      const { name, env, up, persist } = context.req.valid('json');
      const options = [...fileOf(env), ...(up ? ['--up'] : []), ...(persist ? ['--persist'] : [])];
      return ask(context, 'create', ['instance', ...live, ...options, '--', 'create', name], env) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/instances/{name}',
      operationId: 'env',
      request: { headers: HEADERS, query: QUERY, params: z.object({ name: z.string() }), ...body(EnvironmentBody) },
      responses: ASKED,
    }),
    (context) => {
      const { set, unset, restart } = context.req.valid('json');
      const options = [
        ...fileOf(set),
        ...(unset ?? []).flatMap((variable) => ['-u', variable]),
        ...(restart ? ['--restart'] : []),
      ];
      return ask(
        context,
        'env',
        ['instance', ...live, ...options, '--', 'env', context.req.valid('param').name],
        set,
      ) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/instances/{name}',
      operationId: 'remove',
      request: {
        headers: HEADERS,
        query: z.object({ wait: Wait, down: z.enum(['true', 'false']).optional() }),
        params: z.object({ name: z.string() }),
      },
      responses: ASKED,
    }),
    (context) => {
      const down = context.req.valid('query').down === 'true' ? ['--down'] : [];
      return ask(context, 'remove', [
        'instance',
        ...live,
        ...down,
        '--',
        'remove',
        context.req.valid('param').name,
      ]) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/changes',
      operationId: 'changes',
      request: { query: QUERY, headers: TAGGED_HEADERS },
      responses: {
        200: json(Changes, 'what was asked for through this server, the latest first'),
        ...NOT_MODIFIED,
        ...PROBLEMS,
      },
    }),
    (context) =>
      answerTagged(context, context.req.valid('query').wait, () => ({
        version: 1,
        changes: kept.all().map((change) => changeAsData(server, change)),
      })) as never,
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/changes/{id}',
      operationId: 'change',
      request: { params: z.object({ id: z.string() }), query: QUERY, headers: TAGGED_HEADERS },
      responses: { 200: json(Change, 'how it is'), ...NOT_MODIFIED, ...PROBLEMS },
    }),
    (context) => {
      const { id } = context.req.valid('param');
      return answerTagged(context, context.req.valid('query').wait, () => {
        const found = kept.find(id);
        return found === null ? noChange(id) : changeAsData(server, found);
      }) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/changes/{id}',
      operationId: 'cancel',
      request: { params: z.object({ id: z.string() }) },
      responses: ASKED,
    }),
    (context) => {
      const { id } = context.req.valid('param');
      const found = kept.find(id);
      if (found === null) return answerProblem(context, noChange(id)) as never;
      runner.cancel(id);
      return context.json(changeAsData(server, kept.find(id) ?? found), 202);
    },
  );
}

function fileOf(variables: Readonly<Record<string, string>> | undefined): string[] {
  return variables === undefined ? [] : ['--env-file', VARIABLES_FILE];
}

export function noChange(id: string): ProblemAnswer {
  return { status: 404, error: 'no-change', message: `there is no change ${id}` };
}

function changeAsData({ kept }: ServerContext, { id, at, verb, argv, state, exit }: KeptChange) {
  return { id, at: new Date(at).toISOString(), verb, command: [...argv], state, exit, said: kept.saidOf(id) };
}
