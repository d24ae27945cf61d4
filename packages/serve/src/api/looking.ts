/** Operations that look: status, instances, logs, wait, health, metrics. They take no lock, and go on without any change. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { UNHEARD } from '@muster/control/events';
import { listInstances } from '@muster/control/instances/list';
import { lastEntries } from '@muster/control/logs/log-files';
import { extentIn, lastOf, logsOf, namedEntries } from '@muster/control/logs/selection';
import { openForReading } from '@muster/control/open/read';
import { signalServices } from '@muster/control/signal';
import { type StatusReport, status } from '@muster/control/status/status';
import { waitFor } from '@muster/control/wait';
import { nameOf } from '@muster/core/model/database';
import { signalNumber } from '@muster/posix/signals';
import { answerProblem, answerTagged, problemAnswer } from './answer.ts';
import { Instances, Lines, Names, SignalBody, Signalled, SomeNames, Status, Wait, Waited } from './data.ts';
import { body, json, NOT_MODIFIED, PROBLEMS, TAGGED_HEADERS } from './routes.ts';
import type { ServerContext } from './server-context.ts';
import { statusAsData } from './service-data.ts';

/** Lines that are shown unless a number is given. */
const USUAL_LINES = 100;

export function addLooking(app: OpenAPIHono, { root, ends }: ServerContext): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/status',
      operationId: 'status',
      request: { query: z.object({ name: SomeNames, wait: Wait }), headers: TAGGED_HEADERS },
      responses: { 200: json(Status, 'how services are'), ...NOT_MODIFIED, ...PROBLEMS },
    }),
    (context) => {
      const { name, wait } = context.req.valid('query');
      return answerTagged(context, wait, () => statusOf(root, name ?? [])) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/status/{name}',
      operationId: 'statusOf',
      request: {
        params: z.object({ name: z.string() }),
        query: z.object({ wait: Wait }),
        headers: TAGGED_HEADERS,
      },
      responses: { 200: json(Status, 'how a service, or those of a bundle, are'), ...NOT_MODIFIED, ...PROBLEMS },
    }),
    (context) => {
      const { name } = context.req.valid('param');
      return answerTagged(context, context.req.valid('query').wait, () => statusOf(root, [name])) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/instances',
      operationId: 'instances',
      request: { query: z.object({ template: z.string().optional(), wait: Wait }), headers: TAGGED_HEADERS },
      responses: { 200: json(Instances, 'the instances that were made at run time'), ...NOT_MODIFIED, ...PROBLEMS },
    }),
    (context) => {
      const { template, wait } = context.req.valid('query');
      const look = () => {
        const listed = listInstances({ root, template }, UNHEARD);
        return listed.ok ? { version: 1, instances: listed.value } : problemAnswer(listed.problem);
      };
      return answerTagged(context, wait, look) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/logs',
      operationId: 'logs',
      request: {
        query: z.object({ name: SomeNames, lines: z.coerce.number().int().min(0).max(100_000).optional() }),
      },
      responses: { 200: json(Lines, 'what services wrote last, by time'), ...PROBLEMS },
    }),
    (context) => {
      const { name, lines } = context.req.valid('query');
      const found = linesOf(root, name ?? [], lines ?? USUAL_LINES);
      return ('status' in found ? answerProblem(context, found) : context.json(found, 200)) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/wait',
      operationId: 'wait',
      request: {
        query: z.object({
          name: z.preprocess((given) => (typeof given === 'string' ? [given] : given), Names),
          for: z.enum(['up', 'ready', 'down']).optional(),
          timeout: z.coerce.number().int().min(1).max(3_600_000).openapi({ description: 'milliseconds' }),
        }),
      },
      responses: { 200: json(Waited, 'they are so, or it is too late'), ...PROBLEMS },
    }),
    async (context) => {
      const { name, for: way, timeout } = context.req.valid('query');
      const signal = AbortSignal.any([ends, context.req.raw.signal]);
      const waited = await waitFor(
        { root, names: name, way: way ?? 'ready', limit: timeout },
        { events: UNHEARD, signal },
      );
      if (!waited.ok) return answerProblem(context, problemAnswer(waited.problem)) as never;
      const { end, database, missing } = waited.value;
      return context.json(
        { version: 1 as const, end, missing: missing.map((service) => nameOf(database, service)) },
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/signal',
      operationId: 'signal',
      request: body(SignalBody),
      responses: { 200: json(Signalled, 'to which processes it was sent'), ...PROBLEMS },
    }),
    (context) => {
      const { names, signal } = context.req.valid('json');
      const number = signalNumber(signal);
      if (number === undefined)
        return answerProblem(context, {
          status: 400,
          error: 'bad-request',
          message: `there is no signal ${signal}`,
        }) as never;
      const sent = signalServices({ root, names, signal: number }, UNHEARD);
      if (!sent.ok) return answerProblem(context, problemAnswer(sent.problem)) as never;
      return context.json(
        { version: 1 as const, sent: [...sent.value.sent], notRunning: [...sent.value.notRunning] },
        200,
      );
    },
  );
}

export function statusOf(root: string, names: readonly string[]) {
  const seen = status({ root, names }, UNHEARD);
  return seen.ok ? reportAsData(seen.value) : problemAnswer(seen.problem);
}

function reportAsData({ database, services, absence }: StatusReport) {
  return {
    version: 1 as const,
    services: services.map((one) => statusAsData(database, one)),
    treeAway: absence !== null,
  };
}

function linesOf(root: string, names: readonly string[], count: number) {
  const opened = openForReading(root, UNHEARD);
  if (!opened.ok) return problemAnswer(opened.problem);
  try {
    const { logs, unknown } = logsOf(opened.value, names);
    if (unknown.length > 0) return problemAnswer({ kind: 'unknown-names', unknown, database: opened.value.database });
    const extent = { count, since: Number.NEGATIVE_INFINITY };
    const all = logs.map((log) => namedEntries(log, lastEntries(log.directory, extentIn(log, extent))));
    const lines = lastOf(all, extent).map(({ at, service, text }) => ({
      at: at === null ? null : new Date(at).toISOString(),
      service,
      text,
    }));
    return { version: 1 as const, lines };
  } finally {
    opened.value.records.close();
  }
}
