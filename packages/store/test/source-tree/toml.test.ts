import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import { encode } from '@muster/store/database/encode';
import { digest } from '@muster/store/database/hash';
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
    const { database, diagnostics } = compile([readSource(source)], { digest });
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
  });
  const { diagnostics } = compile([readSource(source)], { digest });
  const found = diagnostics.map(({ code, at }) => `${code} ${at!.file.slice(source.length + 1)}:${at!.line}`);
  expect(found).toEqual([
    'RC1020 a.service.toml:4',
    'RC1001 a.service.toml:5',
    'RC1053 b.service.toml:2',
    'RC1053 c.service.toml:1',
    'RC1053 d.service.toml:3',
  ]);
});
