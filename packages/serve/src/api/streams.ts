/**
 * Server-sent events: what happens in the live directory, what services write, what a change does. A client that does not read
 * is dropped once so much waits for it.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { UNHEARD } from '@muster/control/events';
import { Follower } from '@muster/control/logs/follow';
import { extentIn, logsOf, namedEntries } from '@muster/control/logs/selection';
import { openForReading } from '@muster/control/open/read';
import { followSuccession } from '@muster/control/open/succession';
import { type ServiceStatus, statusesOf } from '@muster/control/status/service-status';
import { StateChanges } from '@muster/control/status/state-changes';
import { everyService } from '@muster/core/model/database';
import { EventTail } from '@muster/store/live/event-tail';
import { readEvents } from '@muster/store/live/events';
import { noChange } from './acting.ts';
import { answerProblem, problemAnswer } from './answer.ts';
import { SomeNames } from './data.ts';
import { PROBLEMS } from './routes.ts';
import type { ServerContext } from './server-context.ts';

/** Bytes that may wait for a client. */
const MOST_WAITING = 1024 * 1024;
/** Milliseconds after which is looked even if the kernel said nothing. */
const LOOK = 250;
const STREAM = {
  200: { description: 'server-sent events', content: { 'text/event-stream': { schema: z.string() } } },
  ...PROBLEMS,
};
const HEADERS = z.object({ 'last-event-id': z.string().optional() });

interface Sink {
  /** `id`: what the client says when it comes again; null leaves it at the last one. */
  send(event: string, data: object, id: number | null): void;
  end(): void;
}

export function addStreams(app: OpenAPIHono, { root, kept, ends }: ServerContext): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/events',
      operationId: 'events',
      request: { headers: HEADERS, query: z.object({ since: z.coerce.number().int().min(0).optional() }) },
      responses: STREAM,
    }),
    (context) => {
      const given = Number(context.req.header('Last-Event-ID') ?? context.req.valid('query').since ?? Number.NaN);
      const opened = openForReading(root, UNHEARD);
      if (!opened.ok) return answerProblem(context, problemAnswer(opened.problem)) as never;
      return streamed((sink) => followLive(opened.value, Number.isFinite(given) ? given : null, sink), ends) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/changes/{id}/events',
      operationId: 'changeEvents',
      request: { params: z.object({ id: z.string() }), headers: HEADERS },
      responses: STREAM,
    }),
    (context) => {
      const { id } = context.req.valid('param');
      if (kept.find(id) === null) return answerProblem(context, noChange(id)) as never;
      const since = Number(context.req.header('Last-Event-ID') ?? 0) || 0;
      const begin = (sink: Sink) => {
        let told = 0;
        const look = () => {
          // Asked before the events are read: nothing comes after its end.
          const change = kept.find(id);
          const lines = kept.eventsOf(id).split('\n').slice(0, -1);
          for (; told < lines.length; told++) if (told >= since) sink.send('event', JSON.parse(lines[told]!), told + 1);
          if (change !== null && change.state !== 'done' && change.state !== 'lost') return;
          sink.send('end', { exit: change?.exit ?? null, said: kept.saidOf(id) }, null);
          sink.end();
        };
        const timer = setInterval(look, 50);
        look();
        return () => clearInterval(timer);
      };
      return streamed(begin, ends) as never;
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/logs/follow',
      operationId: 'followLogs',
      request: { query: z.object({ name: SomeNames }) },
      responses: STREAM,
    }),
    (context) => {
      const opened = openForReading(root, UNHEARD);
      if (!opened.ok) return answerProblem(context, problemAnswer(opened.problem)) as never;
      opened.value.records.close();
      const { logs, unknown } = logsOf(opened.value, context.req.valid('query').name ?? []);
      if (unknown.length > 0)
        return answerProblem(
          context,
          problemAnswer({ kind: 'unknown-names', unknown, database: opened.value.database }),
        ) as never;
      const begin = (sink: Sink) => {
        const none = { count: 0, since: Number.POSITIVE_INFINITY };
        const followers = logs.flatMap((log) => {
          const take: ConstructorParameters<typeof Follower>[2] = (entries) => {
            for (const { at, service, text } of namedEntries(log, entries))
              sink.send('line', { at: at === null ? null : new Date(at).toISOString(), service, text }, null);
          };
          try {
            return [new Follower(log.directory, extentIn(log, none), take)];
          } catch {
            return [];
          }
        });
        const timer = setInterval(() => {
          for (const follower of followers) follower.look();
        }, LOOK);
        return () => {
          clearInterval(timer);
          for (const follower of followers) follower.close();
        };
      };
      return streamed(begin, ends) as never;
    },
  );
}

type FirstOpened = Parameters<typeof statusesOf>[0];

/** Recorded events have numbers of their own; states that were seen stand after the last of them. Returns how to end it. */
function followLive(first: FirstOpened, since: number | null, sink: Sink): () => void {
  // The snapshot is taken after the number: what happens between them is told twice, and never lost.
  const newest = readEvents(first.live.paths).at(-1)?.seq ?? 0;
  const tail = new EventTail(first.live.paths, since === null || since > newest ? newest : since);
  const show = () => {
    for (const { seq, at, event, ...fields } of tail.next())
      sink.send(event, { seq, at: new Date(at).toISOString(), event, ...fields }, seq);
  };
  const tell = ({ name, state, record, pid }: ServiceStatus) =>
    sink.send('is', { service: name, state: state.name, wanted: record.wanted, pid: pid > 0 ? pid : null }, null);
  show();
  for (const status of statusesOf(first, everyService(first.database))) tell(status);
  sink.send('snapshot', { seq: tail.last }, tail.last);
  const seen = new StateChanges(first, {
    changed: (status) => {
      show();
      tell(status);
    },
    gone: (service) => {
      show();
      sink.send('gone', { service }, null);
    },
  });
  const close = () => {
    following.close();
    seen.close();
    tail.close();
  };
  const following = followSuccession(first, LOOK, {
    looks: () => {
      show();
      seen.lookAgain();
    },
    moved: (opened) => seen.moveTo(opened),
    ended: () => {
      sink.send('ended', {}, null);
      sink.end();
    },
    failed: () => sink.end(),
  });
  return close;
}

/** `begin` returns what ends it. */
function streamed(begin: (sink: Sink) => () => void, ends: AbortSignal): Response {
  let stop = () => {};
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        let isOver = false;
        let close: (() => void) | null = null;
        stop = () => {
          isOver = true;
          ends.removeEventListener('abort', end);
          close?.();
          close = null;
        };
        const end = () => {
          if (isOver) return;
          stop();
          controller.close();
        };
        const send: Sink['send'] = (event, data, id) => {
          if (isOver) return;
          const lines = `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
          controller.enqueue(encoder.encode(lines));
          if ((controller.desiredSize ?? 0) >= 0) return;
          stop();
          controller.error(new Error('the client does not read'));
        };
        ends.addEventListener('abort', end);
        const closing = begin({ send, end });
        if (isOver) closing();
        else close = closing;
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING }),
  );
  return new Response(body, {
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
  });
}
