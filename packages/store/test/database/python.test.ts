/** A database is read by a program in another language that knows only its description: read-database.py. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFiles } from '@muster/core/test/compile/sources';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { afterAll, describe, expect, test } from 'vitest';

/** Debian's own, which has Debian's modules. */
const PYTHON = '/usr/bin/python3';
const isThere = spawnSync(PYTHON, ['-c', 'import msgpack']).status === 0;
if (!isThere) console.log("skipped: reading a database needs Debian's python3-msgpack");

const directory = mkdtempSync(join(tmpdir(), 'muster-python-'));
afterAll(() => rmSync(directory, { recursive: true }));

const hex = (text: string) => ({ bytes: Buffer.from(text).toString('hex') });

describe.skipIf(!isThere)("Debian's python3-msgpack", () => {
  test('finds the definitions that were compiled', () => {
    const { database } = compileFiles(
      {
        'web/type': 'longrun',
        'web/run*': '#!/bin/sh\nexec web\n',
        'web/data/pages/index': '<ü>',
        'web/notification-fd': '3',
        'web/timeout-kill': '70000',
        'web/down-signal': 'SIGINT',
        'web/flag-newpidns': '',
        'web/user': 'www',
        'web/supplementary-groups': 'ssl mail',
        'web/nice': '-5',
        'web/umask': '022',
        'web/limits': 'nofile 1024\ncore 0',
        'web/restart': 'on-failure',
        'web/restart-delay': '200..60000',
        'web/restart-limit': '5/60s',
        'web/log': 'dir /var/log/web\nsize 64K\nexclude ^debug',
        'mount/type': 'oneshot',
        'mount/up': 'mount "/a b"',
        'mount/down*': '#!/bin/sh\numount /a\\ b\n',
        'nothing/type': 'oneshot',
        'nothing/up': '',
      },
      definitionEncoding,
    );
    if (database === undefined) throw new Error('it does not compile');
    expect(read(database)).toEqual({
      web: {
        type: 'longrun',
        files: [
          { path: 'data/pages/index', mode: 0o644, content: hex('<ü>') },
          { path: 'run', mode: 0o755, content: hex('#!/bin/sh\nexec web\n') },
        ],
        'notification-fd': 3,
        'timeout-kill': 70_000,
        'down-signal': 'INT',
        'flag-newpidns': true,
        restart: { policy: 'on-failure', 'delay-min': 200, 'delay-max': 60_000, limit: { count: 5, window: 60_000 } },
        process: {
          user: 'www',
          'supplementary-groups': ['ssl', 'mail'],
          umask: 0o22,
          nice: -5,
          limits: { core: '0', nofile: '1024' },
        },
      },
      'web-log': {
        type: 'longrun',
        process: { user: 'www' },
        logger: {
          directory: '/var/log/web',
          size: 65_536,
          keep: 10,
          timestamp: 'iso',
          prefix: '',
          select: [{ action: 'exclude', pattern: '^debug' }],
        },
      },
      mount: {
        type: 'oneshot',
        up: [hex('mount'), hex('/a b')],
        down: hex('#!/bin/sh\numount /a\\ b\n'),
      },
      nothing: { type: 'oneshot' },
    });
  });
});

function read(database: Parameters<typeof encode>[0]): unknown {
  const path = join(directory, 'compiled');
  writeFileSync(path, encode(database).bytes);
  const ran = spawnSync(PYTHON, [join(import.meta.dirname, 'read-database.py'), path], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}
