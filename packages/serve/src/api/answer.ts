/** Answers: with an ETag, after a while if that was asked for, or a problem. */

import type { InstanceProblem } from '@muster/control/instances/problems';
import type { LookProblem } from '@muster/control/problems';
import { runtime } from '@muster/posix/runtime/runtime';
import type { Context } from 'hono';

/** Milliseconds between looks for a client that waits. */
const LOOK = 200;

export interface ProblemAnswer {
  readonly status: 400 | 403 | 404 | 409 | 422 | 503;
  readonly error: string;
  readonly message: string;
}

export function problemAnswer(problem: LookProblem | InstanceProblem): ProblemAnswer {
  switch (problem.kind) {
    case 'unusable':
      return { status: 503, error: 'unusable', message: problem.diagnostic.message };
    case 'unknown-names':
      return { status: 404, error: 'unknown-names', message: `nothing is called ${problem.unknown.join(', ')}` };
    case 'no-instance':
      return { status: 404, error: 'no-instance', message: `there is no instance ${problem.name}` };
    default:
      return { status: 409, error: problem.kind, message: problem.kind };
  }
}

/** `wait`: seconds for which another answer than that with the client's ETag is waited for. */
export async function answerTagged(
  context: Context,
  wait: number | undefined,
  look: () => object | ProblemAnswer,
): Promise<Response> {
  const known = context.req.header('If-None-Match');
  const end = performance.now() + (wait ?? 0) * 1000;
  for (;;) {
    const found = look();
    if (isProblem(found)) return answerProblem(context, found);
    const body = JSON.stringify(found);
    const tag = `"${Buffer.from(runtime.sha256(Buffer.from(body)))
      .toString('hex')
      .slice(0, 32)}"`;
    const headers = { ETag: tag, 'Content-Type': 'application/json' };
    if (known !== tag) return context.body(body, 200, headers);
    if (performance.now() >= end || context.req.raw.signal.aborted) return context.body(null, 304, { ETag: tag });
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

export function answerProblem(context: Context, { status, error, message }: ProblemAnswer): Response {
  return context.json({ error, message }, status);
}

function isProblem(found: object): found is ProblemAnswer {
  return 'error' in found && 'status' in found;
}
