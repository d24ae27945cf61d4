/** What the server answers with: schemas, from which its OpenAPI document is made. */
import { z } from '@hono/zod-openapi';

export const Problem = z
  .object({ error: z.string(), message: z.string() })
  .openapi('Problem', { description: '`error` is a word for programs, `message` for people.' });

export const Service = z
  .object({
    name: z.string(),
    type: z.enum(['longrun', 'oneshot']),
    wanted: z.enum(['no', 'pulled', 'explicit']),
    state: z.string(),
    ready: z.boolean(),
    pid: z.number().int().nullable(),
    since: z.string().nullable(),
    restarts: z.number().int(),
    lastExit: z.object({ code: z.number().int(), signal: z.number().int() }).nullable(),
    reason: z.string(),
    stale: z.boolean(),
  })
  .openapi('Service');

export const Status = z
  .object({ version: z.literal(1), services: z.array(Service), treeAway: z.boolean() })
  .openapi('Status');

export const Change = z
  .object({
    id: z.string(),
    at: z.string(),
    verb: z.string(),
    command: z.array(z.string()),
    state: z.enum(['waiting', 'running', 'done', 'lost']),
    exit: z.number().int().nullable(),
    said: z.string(),
  })
  .openapi('Change', { description: 'What was asked for. `exit` is the exit status of the command that did it.' });

export const Changes = z.object({ version: z.literal(1), changes: z.array(Change) }).openapi('Changes');

export const Instances = z
  .object({
    version: z.literal(1),
    instances: z.array(
      z.object({
        name: z.string(),
        template: z.string(),
        instance: z.string(),
        env: z.record(z.string(), z.string()).nullable(),
        persist: z.boolean(),
        state: z.string(),
      }),
    ),
  })
  .openapi('Instances');

export const Signalled = z
  .object({
    version: z.literal(1),
    sent: z.array(z.object({ service: z.string(), pid: z.number().int() })),
    notRunning: z.array(z.string()),
  })
  .openapi('Signalled');

export const Waited = z
  .object({
    version: z.literal(1),
    end: z.enum(['so', 'late', 'gone', 'ended', 'cancelled']),
    missing: z.array(z.string()),
  })
  .openapi('Waited');

export const Health = z
  .object({ alive: z.literal(true), ready: z.boolean(), reasons: z.array(z.string()) })
  .openapi('Health');

export const Lines = z
  .object({
    version: z.literal(1),
    lines: z.array(z.object({ at: z.string().nullable(), service: z.string(), text: z.string() })),
  })
  .openapi('Lines');

/** What a command printed. */
export const Printed = z
  .object({})
  .passthrough()
  .openapi('Printed', { description: 'As the command of that name prints it with --json.' });

/** Of services and bundles. What no name can have is no name. */
const NAME = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => !/[/\n\0]/.test(name), 'no name has a slash, a newline or a NUL');

export const Names = z.array(NAME).min(1).max(10_000);

export const SomeNames = z.preprocess(
  (given) => (typeof given === 'string' ? [given] : given),
  z.array(NAME).optional(),
);

const MILLISECONDS = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31);

export const ChangeBody = z
  .object({
    names: Names,
    timeout: MILLISECONDS.optional().openapi({ description: 'For everything together, in milliseconds.' }),
    noWait: z.boolean().optional(),
    force: z.boolean().optional().openapi({ description: 'Essential services stop like any other.' }),
  })
  .strict()
  .openapi('ChangeBody');

export const UpdateBody = z
  .object({
    compiled: z
      .string()
      .min(1)
      .refine((path) => !path.includes('\0'))
      .optional(),
    timeout: MILLISECONDS.optional(),
  })
  .strict()
  .openapi('UpdateBody');

export const RollbackBody = z.object({ timeout: MILLISECONDS.optional() }).strict().openapi('RollbackBody');

export const SignalBody = z
  .object({ names: Names, signal: z.string().min(1).max(20) })
  .strict()
  .openapi('SignalBody');

const VARIABLES = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  z.string().refine((value) => !value.includes('\0'), 'no variable has a NUL'),
);

export const InstanceBody = z
  .object({ name: NAME, env: VARIABLES.optional(), up: z.boolean().optional(), persist: z.boolean().optional() })
  .strict()
  .openapi('InstanceBody');

export const EnvironmentBody = z
  .object({
    set: VARIABLES.optional(),
    unset: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)).optional(),
    restart: z.boolean().optional(),
  })
  .strict()
  .openapi('EnvironmentBody');

/** Seconds. */
export const Wait = z.coerce.number().min(0).max(3600).optional();
