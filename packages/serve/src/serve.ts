/**
 * A server on a live directory, for programs: HTTP with JSON on a Unix socket, described by `/openapi.json`.
 *
 *     api/        the operations: looking is done here, by the functions of packages/control; what changes something is a process
 *     changes/    those processes, and what is remembered of them
 *
 * It holds nothing that counts. Killed at any moment, what it had begun goes on, and the next one knows of it.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { failure, type Result, success } from '@muster/core/result';
import { appOf } from './api/app.ts';
import { KeptChanges } from './changes/kept-changes.ts';
import { Runner } from './changes/runner.ts';
import { freeSocket } from './socket.ts';

export interface ServeRequest {
  /** The live directory. */
  readonly root: string;
  readonly socket: string;
  /** Path of the executable. */
  readonly muster: string;
  readonly version: string;
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
  /** It answers from now on. */
  readonly listening: () => void;
}

/** Until it is told to end. A problem, a text for people: it could not begin. */
export async function serve(request: ServeRequest): Promise<Result<null, string>> {
  const { root, socket, muster, version, signal, listening } = request;
  const free = await freeSocket(socket);
  if (!free.ok) return free;
  const kept = new KeptChanges(root);
  const runner = new Runner(kept, muster);
  const app = appOf({ root, muster, kept, runner, ends: signal }, version);
  const server = createServer(getRequestListener(app.fetch));
  // Changes can be waited for as long as anybody likes.
  server.requestTimeout = 0;
  const begun = await new Promise<Error | null>((resolve) => {
    server.once('error', resolve);
    // For its owner alone from its first moment.
    const umask = process.umask(0o177);
    server.listen(socket, () => resolve(null));
    process.umask(umask);
  });
  if (begun !== null) return failure(begun.message);
  chmodSync(socket, 0o600);
  runner.startWaiting();
  listening();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), GRACE).unref();
  });
  rmSync(socket, { force: true });
  return success(null);
}

/** Milliseconds that answers have which are under way when it ends. */
const GRACE = 1000;
