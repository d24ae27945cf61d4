/** The OpenAPI document of rc-serve: every operation is in it, and every answer that it names can be resolved. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appOf } from '@muster/serve/api/app';
import { KeptChanges } from '@muster/serve/changes/kept-changes';
import { Runner } from '@muster/serve/changes/runner';
import { expect, test } from 'vitest';

const OPERATIONS = [
  'cancel',
  'change',
  'changeEvents',
  'changes',
  'create',
  'diff',
  'env',
  'events',
  'followLogs',
  'graph',
  'health',
  'instances',
  'logs',
  'metrics',
  'plan',
  'ready',
  'reload',
  'remove',
  'restart',
  'rollback',
  'signal',
  'start',
  'status',
  'statusOf',
  'stop',
  'timeline',
  'update',
  'wait',
];

test('the document has every operation once, and all that it refers to', async () => {
  const root = mkdtempSync(join(tmpdir(), 'muster-serve-'));
  try {
    const kept = new KeptChanges(root);
    const server = {
      root,
      muster: '/nowhere',
      kept,
      runner: new Runner(kept, '/nowhere'),
      ends: new AbortController().signal,
    };
    const app = appOf(server, '0');
    const document = (await (await app.request('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; responses: object }>>;
      components: { schemas: Record<string, object> };
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(OPERATIONS);
    const text = JSON.stringify(document);
    for (const [, schema] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).toHaveProperty(schema!);
    // Without a live directory nothing is answered as if there were one.
    expect((await app.request('/status')).status).toBe(503);
    expect(
      (await app.request('/start', { method: 'POST', body: '{', headers: { 'Content-Type': 'application/json' } }))
        .status,
    ).toBe(400);
  } finally {
    rmSync(root, { recursive: true });
  }
});
