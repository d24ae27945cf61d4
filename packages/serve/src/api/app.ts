/** All operations, and the document that describes them. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { addActing } from './acting.ts';
import { addHealth } from './health.ts';
import { addLooking } from './looking.ts';
import { addPrinting } from './printing.ts';
import { newApp, type ServerContext } from './server-context.ts';
import { addStreams } from './streams.ts';

/** `version`: of the interface. */
export function appOf(server: ServerContext, version: string): OpenAPIHono {
  const app = newApp();
  addLooking(app, server);
  addStreams(app, server);
  addActing(app, server);
  addPrinting(app, server);
  addHealth(app, server);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Muster', version, description: 'A live directory, for programs.' },
  });
  app.notFound((context) =>
    context.json({ error: 'no-operation', message: 'there is no such operation: /openapi.json' }, 404),
  );
  app.onError((error, context) => {
    const isBadJson = error.message.includes('JSON');
    if (isBadJson) return context.json({ error: 'bad-request', message: 'the body is no JSON' }, 400);
    return context.json({ error: 'failed', message: error.message }, 500);
  });
  return app;
}
