import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { readSource } from '@muster/store/source-tree/read';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'muster-toml-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function write(source: string, files: Readonly<Record<string, string>>): string {
  const root = join(directory, source);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  return root;
}

test('a definition in one file gives the same bytes as in a directory', () => {
  const asFile = write('file', {
    'web.service.toml': `
type = "longrun"
description = "the web server"
run = '''
#!/bin/sh
exec web
'''
flag-essential = true
flag-recommended = false
notification-fd = 3
dependencies = { mount = "", clock = "ignore" }
wants = ["clock"]
restart = "on-failure"
restart-delay = "200..60000"
renamed-from = ["www", "httpd"]
supplementary-groups = ["adm", "log"]
limits = { nofile = "1024:4096", core = 0 }
log = { dir = "/var/log/web", keep = 5, exclude = ["^debug", "^trace"] }

[data]
"conf/main" = "x = 1\\n"
"bin/tool" = "#!/bin/sh\\n"

[env]
A = "1"
`,
    'mount.service.toml':
      'type = "oneshot"\nup = "mount { a } b"\ndown = "#!/bin/sh\\numount b\\n"\nflag-essential = true\n',
    'clock.service.toml': 'type = "oneshot"\nup = ""\nflag-essential = true\n',
    'all.service.toml': 'type = "bundle"\ncontents = ["web", "mount"]\n',
  });
  const asDirectories = write('directories', {
    'web/type': 'longrun\n',
    'web/description': 'the web server\n',
    'web/run': '#!/bin/sh\nexec web\n',
    'web/flag-essential': '',
    'web/notification-fd': '3\n',
    'web/dependencies.d/mount': '',
    'web/dependencies.d/clock': 'ignore\n',
    'web/wants.d/clock': '',
    'web/restart': 'on-failure\n',
    'web/restart-delay': '200..60000\n',
    'web/renamed-from': 'www\nhttpd\n',
    'web/supplementary-groups': 'adm\nlog\n',
    'web/limits': 'nofile 1024:4096\ncore 0\n',
    'web/log': 'dir /var/log/web\nkeep 5\nexclude ^debug\nexclude ^trace\n',
    'web/data/conf/main': 'x = 1\n',
    'web/data/bin/tool': '#!/bin/sh\n',
    'web/env/A': '1',
    'mount/type': 'oneshot\n',
    'mount/up': 'mount { a } b',
    'mount/down': '#!/bin/sh\numount b\n',
    'mount/flag-essential': '',
    'clock/type': 'oneshot\n',
    'clock/up': '',
    'clock/flag-essential': '',
    'all/type': 'bundle\n',
    'all/contents.d/web': '',
    'all/contents.d/mount': '',
  });
  const [one, other] = [asFile, asDirectories].map((source) => {
    const { database, diagnostics } = compile([readSource(source)], { encoding: definitionEncoding });
    expect(diagnostics).toEqual([]);
    return encode(database!);
  });
  expect(one!.hash).toBe(other!.hash);
});

test('mistakes in it have their lines', () => {
  const source = write('mistakes', {
    'a.service.toml': 'type = "longrun"\nrun = "#!/bin/sh\\n"\n\ntimeout-up = "soon"\ndependencies = ["ghost"]\n',
    'b.service.toml': 'type = "oneshot"\nup = [1]\n',
    'c.service.toml': 'type = \n',
    'd.service.toml': 'type = "longrun"\nrun = "#!/bin/sh\\n"\n[data]\n"../x" = ""\n',
    'e.service.toml': "type = 'longrun'\nrun = '''\n#!/bin/sh\ntimeout-up = 5\n'''\ntimeout-up = 'x'\n",
  });
  const { diagnostics } = compile([readSource(source)], { encoding: definitionEncoding });
  const found = diagnostics.map(({ code, at }) => `${code} ${at!.file.slice(source.length + 1)}:${at!.line}`);
  expect(found).toEqual([
    'RC1020 a.service.toml:4',
    'RC1001 a.service.toml:5',
    'RC1053 b.service.toml:2',
    'RC1053 c.service.toml:1',
    'RC1053 d.service.toml:3',
    'RC1020 e.service.toml:6',
  ]);
});

test('all that is wrong in it is said in one run, with a way out for each', () => {
  const source = write('many', {
    'web.service.toml': `type = "longrun"
run = 5
flag-essential = "yes"
notification-fd = true
limits = { nofile = { soft = 1 } }
dependencies = "db"
"wants.d" = ["db"]
dependancies = ["db"]
[data]
"a/b" = 1
`,
    'twice.service.toml': 'type = "oneshot"\nup = ""\nup = "true"\n',
  });
  const { diagnostics } = compile([readSource(source)], { encoding: definitionEncoding });
  const found = diagnostics.map(({ at, message, hint }) => `${at!.line}: ${message} (${hint})`);
  expect(found).toEqual([
    '3: trying to redefine an already defined table or value (a key stands once: remove one of the two)',
    "2: run must be a text (texts stand in quotes, scripts between three of them: ''' … ''')",
    '3: flag-essential must be true or false (write flag-essential = true)',
    '4: notification-fd must be a text or a number (write what the file of that name would hold)',
    '5: limits says of nofile neither a text nor a number (write limits = { nofile = "1024:4096" })',
    '6: dependencies must be a list of names (write dependencies = ["a", "b"], or { a = "reload", b = "" })',
    '7: here wants.d is called wants (write wants = ["a", "b"])',
    '8: nothing reads "dependancies" (did you mean dependencies?)',
    '9: in data, a/b is no text (each line is a path and a text: "conf/main" = "text")',
  ]);
});

test('the classic layout of a logger is a table', () => {
  const RUN = '#!/bin/sh\nexec cat\n';
  const hashes = [
    write('logger-file', {
      'web.service.toml': `type = "longrun"\nrun = '''\n${RUN}'''\n[log]\nnotification-fd = 3\nrun = '''\n${RUN}'''\n`,
    }),
    write('logger-directory', {
      'web/type': 'longrun\n',
      'web/run': RUN,
      'web/log/run': RUN,
      'web/log/notification-fd': '3\n',
    }),
  ].map((source) => {
    const { database, diagnostics } = compile([readSource(source)], { encoding: definitionEncoding });
    expect(diagnostics).toEqual([]);
    return encode(database!).hash;
  });
  expect(hashes[0]).toBe(hashes[1]);
});
