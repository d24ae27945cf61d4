/** What operations have in common in the OpenAPI document. */
import { z } from '@hono/zod-openapi';
import { Problem } from './data.ts';

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } } as const;
}

/** Of every operation. */
export const PROBLEMS = {
  400: json(Problem, 'the request is not what this document says'),
  404: json(Problem, 'nothing has such a name'),
  409: json(Problem, 'it is refused'),
  422: json(Problem, 'the Idempotency-Key was given to another change'),
  503: json(Problem, 'there is no live directory that could be used'),
} as const;

export const NOT_MODIFIED = { 304: { description: 'as the ETag of If-None-Match says' } } as const;

export const TAGGED_HEADERS = z.object({ 'if-none-match': z.string().optional() });
