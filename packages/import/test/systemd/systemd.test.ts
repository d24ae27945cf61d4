// biome-ignore-all lint/suspicious/noTemplateCurlyInString: systemd writes variables so
/** What directives of units become. How often Debian's units have each: fixtures/systemd/debian-units.test.ts. */
import { describe, expect, test } from 'vitest';
import type { ImportRequest } from '../../src/format.ts';
import { environmentLines, expandVariables, systemdWords } from '../../src/systemd/late-words.ts';
import { systemd } from '../../src/systemd/systemd.ts';
import { limit, timeSpan } from '../../src/systemd/values.ts';
import { splitWords } from '../../src/systemd/words.ts';
import { type Imported, imported } from '../imported.ts';

function unit(lines: string, more: Partial<ImportRequest> & { unit?: string } = {}): Imported {
  const text = `[Unit]\n${more.unit ?? ''}\n[Service]\n${/^Exec/m.test(lines) ? '' : 'ExecStart=/usr/bin/web\n'}${lines}\n`;
  return imported(systemd, { '/u/web.service': text }, more);
}

describe('a directive becomes a file', () => {
  test.each<[lines: string, file: string, content: string]>([
    ['Type=simple', 'type', 'longrun'],
    ['Type=oneshot', 'type', 'oneshot'],
    ['User=www\nGroup=adm', 'user', 'www:adm'],
    ['Group=adm', 'user', 'root:adm'],
    ['WorkingDirectory=/srv', 'working-directory', '/srv'],
    ['', 'working-directory', '/'],
    ['', 'umask', '022'],
    ['UMask=0077', 'umask', '077'],
    ['Nice=-5', 'nice', '-5'],
    ['LimitNOFILE=64K\nLimitCORE=infinity', 'limits', 'core unlimited\nnofile 65536'],
    ['LimitNOFILE=1024:4096', 'limits', 'nofile 1024:4096'],
    ['', 'restart', 'never'],
    ['Restart=always', 'restart', 'always'],
    ['Restart=on-failure', 'restart-delay', '100'],
    ['Restart=on-failure\nRestartSec=1min 2s', 'restart-delay', '62000'],
    ['Restart=always', 'restart-limit', '5/10000'],
    ['Restart=always\nStartLimitBurst=3\nStartLimitInterval=30', 'restart-limit', '3/30000'],
    ['TimeoutStopSec=5', 'timeout-kill', '5000'],
    ['TimeoutSec=infinity', 'timeout-kill', '0'],
    ['KillSignal=SIGQUIT', 'down-signal', 'QUIT'],
    ['ExecStart=/w\nExecReload=/bin/kill -HUP $MAINPID', 'reload-signal', 'HUP'],
    ['ExecStart=/w\nExecReload=kill -s USR1 $MAINPID', 'reload-signal', 'USR1'],
    ['SuccessExitStatus=143 SIGKILL', 'success-codes', '0\nHUP\nINT\nTERM\nPIPE\n143\nKILL'],
    ['Environment=A=1 "B=x y" A=2', 'env/A', '2'],
    ['Environment="B=x y"', 'env/B', 'x y'],
    ['StandardOutput=null', 'run', '#!/bin/sh\nexec >/dev/null\nexec /usr/bin/web'],
    ['ExecStart=/w "a b" c\\x20d %p %n', 'run', "#!/bin/sh\nexec /w 'a b' 'c d' web web.service"],
    ['ExecStart=/w a \\\n# comment\n  b', 'run', '#!/bin/sh\nexec /w a b'],
    ['ExecStart=:/w $$A', 'run', "#!/bin/sh\nexec /w '$$A'"],
    ['ExecStart=/w $$A', 'run', "#!/bin/sh\nexec /w '$A'"],
    ['ExecStart=/a\nExecStart=\nExecStart=/b', 'run', '#!/bin/sh\nexec /b'],
    ['ExecStart=/w $OPTS', 'run', `#!/bin/sh\nexec rc-exec --open-files="$(ulimit -n)" systemd -- /w '$OPTS'`],
    [
      'ExecStart=@/w web -x\nEnvironmentFile=-/etc/default/web',
      'run',
      `#!/bin/sh\nexec rc-exec --open-files="$(ulimit -n)" '--environment=-/etc/default/web' '--called-as=web' systemd -- /w -x`,
    ],
    ['ExecStart=/w\nExecStartPre=-/a b', 'run', '#!/bin/sh\n/a b || :\nexec /w'],
    ['ExecStart=/w\nExecStopPost=/a', 'finish', '#!/bin/sh\n/a || exit\nexit 0'],
    [
      'Type=oneshot\nExecStart=/a ; /b\nExecStart=-/c',
      'up',
      '#!/bin/sh\numask 022\ncd / || exit 111\n/a || exit\n/b || exit\n/c || :\nexit 0',
    ],
    ['Type=oneshot\nExecStart=/a\nExecStop=/b', 'down', '#!/bin/sh\numask 022\ncd / || exit 111\n/b || exit\nexit 0'],
    [
      'Type=dbus\nBusName=org.x.Y',
      'ready-check',
      "#!/bin/sh\ndbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.x.Y | grep -q 'boolean true'",
    ],
    [
      "ExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'\nType=forking",
      'run',
      "#!/bin/sh\nexec /usr/sbin/nginx -g 'daemon off; master_process on;'",
    ],
  ])('%s', (lines, file, content) => {
    expect(unit(lines).file(`web/${file}`)).toBe(content);
  });

  test('directories are made by root before', () => {
    const made = unit('User=www\nRuntimeDirectory=web web/x\nRuntimeDirectoryMode=0750\nStateDirectory=web');
    expect(made.file('web-directories/up')).toBe(
      '#!/bin/sh\nset -e\ninstall -d -m 0750 -o www -g "$(id -gn -- www)" -- /run/web /run/web/x\ninstall -d -m 0755 -o www -g "$(id -gn -- www)" -- /var/lib/web',
    );
    expect(made.below('web/dependencies.d')).toEqual(['web-directories']);
    expect(made.file('web/env/RUNTIME_DIRECTORY')).toBe('/run/web:/run/web/x');
  });
});

describe('what is said', () => {
  test.each<[lines: string, key: string, said: string | RegExp]>([
    ['PrivateTmp=yes', 'PrivateTmp', 'told sandboxing is not mapped'],
    ['MemoryMax=1G', 'MemoryMax', 'told limits of control groups are not mapped'],
    ['Usr=x', 'Usr', 'told is not known'],
    ['Restart=maybe', 'Restart', /^ignored systemd ignores the value/],
    ['Restart=on-abort', 'Restart', /^changed is started again/],
    ['User=a\nUser=b', 'User', 'ignored overridden'],
    ['Environment=A', 'Environment', /^ignored systemd ignores A/],
    ['ExecStart="/w', 'ExecStart', /^told a quote/],
    ['User=%H', 'User', /^told %H is known on the machine only/],
    ['ExecStart=/w\nType=forking', 'ExecStart', /^told goes into the background/],
    ['ExecStart=/w\nExecStartPre=+/a', 'ExecStartPre', /^told runs as root/],
    ['Restart=no\nRestartSec=5', 'RestartSec', /^ignored means nothing/],
  ])('%s', (lines, key, said) => {
    const made = unit(lines);
    expect(made.said(key)[0]).toMatch(said instanceof RegExp ? said : new RegExp(`^${said}$`));
  });

  test('a line that is none, and what stands before a section, are ignored as systemd does', () => {
    const made = imported(systemd, { '/u/a.service': 'X=1\n[Service]\nnonsense\nExecStart=/a\n' });
    expect(made.result.report.entries.filter(({ result }) => result === 'ignored').map(({ line }) => line)).toEqual([
      1, 3,
    ]);
  });
});

describe('several units', () => {
  const A = '/u/a.service';
  const B = '/u/b.service';
  const both = (lines: string) =>
    imported(
      systemd,
      { [A]: `[Unit]\n${lines}\n[Service]\nExecStart=/a\n`, [B]: '[Service]\nExecStart=/b\n' },
      { paths: [A, B], choices: new Map([['enable', ['a.service']]]) },
    );

  test('need each other by Requires with After, want by Wants, and are ordered by After', () => {
    expect(both('Requires=b.service\nAfter=b.service').below('a/dependencies.d')).toEqual(['b']);
    expect(both('Wants=b.service\nAfter=b.service').below('a/wants.d')).toEqual(['b']);
    expect(both('After=b.service').below('a/after.d')).toEqual(['b']);
    expect(both('Conflicts=b.service').below('a/conflicts.d')).toEqual(['b']);
    expect(both('Requires=b.service').said('Requires')[0]).toMatch(/^changed is waited for/);
  });

  test('wait for nothing that is not there, nor for what needs no waiting', () => {
    expect(both('After=network.target').said('After')[0]).toMatch(/^changed is nothing/);
    expect(both('After=c.service').said('After')[0]).toMatch(/^ignored is not imported/);
    expect(both('Requires=c.service').said('Requires')[0]).toMatch(/^told c.service is not imported/);
  });

  test('of a directory are started if they are linked from wants, with drop-ins, instances and targets', () => {
    const made = imported(
      systemd,
      {
        '/d/a.service': '[Service]\nExecStart=/a\n[Install]\nWantedBy=multi-user.target\n',
        '/d/a.service.d/10.conf': '[Service]\nUser=www\n',
        '/d/service.d/20.conf': '[Service]\nNice=3\n',
        '/d/b.service': '[Service]\nExecStart=/b\n',
        '/d/tty@.service': '[Service]\nExecStart=/getty %i\n[Install]\nDefaultInstance=tty1\n',
        '/d/site.target': '[Unit]\nWants=a.service b.service\n',
        '/d/multi-user.target.wants/a.service': '',
        '/d/multi-user.target.wants/tty@tty2.service': '',
      },
      { paths: ['/d'] },
    );
    expect(made.below('default')).toEqual(['contents.d/a', 'contents.d/tty@tty1', 'contents.d/tty@tty2', 'type']);
    expect([made.file('a/user'), made.file('a/nice'), made.file('b/flag-manual')]).toEqual(['www', '3', '']);
    expect(made.file('tty@/run')).toContain('/getty');
    expect(made.below('site')).toEqual(['contents.d/a', 'contents.d/b', 'type']);
  });

  test('of kinds that are not mapped are told', () => {
    const made = imported(systemd, { '/u/a.timer': '[Timer]\nOnCalendar=daily\n' });
    expect(made.said('OnCalendar')[0]).toMatch(/^told schedules/);
  });
});

describe('at start', () => {
  const environment = new Map([
    ['A', 'x y'],
    ['B', ''],
  ]);
  test.each<[string, readonly string[]]>([
    ['$A', ['x', 'y']],
    ['${A}', ['x y']],
    ['a${A}b', ['ax yb']],
    ['$B', []],
    ['${B}', ['']],
    ['$$A', ['$A']],
    ['$C', []],
  ])('%s', (word, words) => {
    expect(expandVariables(word, environment)).toEqual(words);
  });

  test('a file of variables that is not there fails, unless it need not be there', () => {
    const command = { words: ['/w'], environment: ['/nowhere/x'], directory: null };
    expect(systemdWords(command, { environment, hostname: '' })).toMatchObject({ ok: false });
    expect(systemdWords({ ...command, environment: ['-/nowhere/x'] }, { environment, hostname: '' })).toMatchObject({
      ok: true,
    });
  });

  test('files of variables lose quotes and backslashes', () => {
    expect(environmentLines('# c\nA=1\nB="x \\"y"\n C = \'z\' \nVAR5=a\\b\nexport D=5\nno line\n')).toEqual([
      ['A', '1'],
      ['B', 'x "y'],
      ['C', 'z'],
      ['VAR5', 'ab'],
      ['D', '5'],
    ]);
  });
});

test('times, limits and words', () => {
  expect(['5', '1min 30s', '500ms', 'infinity', '2h', 'x', ''].map(timeSpan)).toEqual([
    5000,
    90_000,
    500,
    0,
    7_200_000,
    null,
    null,
  ]);
  expect(['1024', '64K', 'infinity', '1:2', 'x', '1:2:3'].map(limit)).toEqual([
    '1024',
    '65536',
    'unlimited',
    '1:2',
    null,
    null,
  ]);
  expect(splitWords(`a "b c" 'd"e' f\\x41g "" \\n`)).toEqual({ ok: true, value: ['a', 'b c', 'd"e', 'fAg', '', '\n'] });
});
