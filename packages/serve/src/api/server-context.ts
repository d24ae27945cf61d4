/** All that the operations of one server share. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { KeptChanges } from '../changes/kept-changes.ts';
import type { Runner } from '../changes/runner.ts';

export interface ServerContext {
  /** The live directory. */
  readonly root: string;
  /** Path of the executable. */
  readonly muster: string;
  readonly kept: KeptChanges;
  readonly runner: Runner;
  /** Aborted when the server ends: streams end with it. */
  readonly ends: AbortSignal;
}

/** A request that is not what the document says is answered with 400, and the first thing that is wrong. */
export function newApp(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, context) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const message = issue === undefined ? 'bad request' : `${issue.path.join('.')}: ${issue.message}`;
      return context.json({ error: 'bad-request', message }, 400);
    },
  });
}
