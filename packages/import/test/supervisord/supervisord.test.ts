/** What each key of supervisord becomes. That it comes to the same at run time, ./oracle.test.ts shows. */
import { describe, expect, test } from 'vitest';
import type { ImportRequest } from '../../src/format.ts';
import { supervisord } from '../../src/supervisord/supervisord.ts';
import { type Imported, imported } from '../imported.ts';

const CONF = '/etc/supervisor/supervisord.conf';

function web(lines: string, more: Partial<ImportRequest> = {}): Imported {
  return imported(supervisord, { [CONF]: `[program:web]\ncommand=/usr/bin/web\n${lines}` }, more);
}

/** `FILE`, or `FILE: CONTENT`, of the service. */
function files(made: Imported, service = 'web'): readonly string[] {
  return made
    .below(service)
    .filter((path) => !/^(env\/SUPERVISOR_|flag-env|type$)/.test(path))
    .map((path) => {
      const content = made.file(`${service}/${path}`);
      return content === '' ? path : `${path}: ${content}`;
    });
}

const PLAIN = [
  'log: dir /var/log/web\nsize 1048576\nkeep 10\ntimestamp iso',
  'ready-after: 1000',
  'restart: on-failure',
  'run: #!/bin/sh\nexec /usr/bin/web',
  'timeout-kill: 10000',
  'working-directory: /',
];

function differing(made: Imported): readonly string[] {
  const own = files(made).filter((file) => !/^(start-retries|restart-delay)/.test(file));
  const gone = PLAIN.filter((file) => !own.includes(file)).map((file) => `- ${file}`);
  return [...gone, ...own.filter((file) => !PLAIN.includes(file)).map((file) => `+ ${file}`)];
}

test('a program has its defaults written out', () => {
  expect(differing(web(''))).toEqual([]);
});

test.each<[lines: string, ...differences: string[]]>([
  ['autorestart=true', '- restart: on-failure', '+ restart: always'],
  ['autorestart=false\nstartsecs=0', '- ready-after: 1000', '- restart: on-failure', '+ restart: never'],
  ['autostart=false', '+ flag-manual'],
  ['startsecs=10', '- ready-after: 1000', '+ ready-after: 10000'],
  ['stopsignal=INT', '+ down-signal: INT'],
  ['stopsignal=10', '+ down-signal: USR1'],
  ['stopwaitsecs=60', '- timeout-kill: 10000', '+ timeout-kill: 60000'],
  ['killasgroup=true', '+ flag-timeout-killpg'],
  ['directory=/srv', '- working-directory: /', '+ working-directory: /srv'],
  ['umask=027', '+ umask: 027'],
  ['environment=A="x y",B=1', '+ env/A: x y', '+ env/B: 1'],
  [
    'stdout_logfile=NONE\nstderr_logfile=NONE',
    `- ${PLAIN[0]}`,
    `- ${PLAIN[3]}`,
    '+ run: #!/bin/sh\nexec >/dev/null\nexec 2>/dev/null\nexec /usr/bin/web',
  ],
  ['stdout_logfile=/dev/stdout\nstderr_logfile=/dev/stderr', `- ${PLAIN[0]}`],
  [
    'stdout_logfile=/dev/stderr\nstderr_logfile=/dev/fd/1',
    `- ${PLAIN[0]}`,
    `- ${PLAIN[3]}`,
    '+ run: #!/bin/sh\nexec 3>&1 >&2 2>&3 3>&-\nexec /usr/bin/web',
  ],
  [
    'stdout_logfile=/proc/1/fd/1\nredirect_stderr=true',
    `- ${PLAIN[0]}`,
    `- ${PLAIN[3]}`,
    '+ run: #!/bin/sh\nexec 2>&1\nexec /usr/bin/web',
  ],
  [
    'stdout_logfile=AUTO\nstdout_logfile_maxbytes=10MB\nstdout_logfile_backups=3',
    `- ${PLAIN[0]}`,
    '+ log: dir /var/log/web\nsize 10485760\nkeep 3\ntimestamp iso',
  ],
])('%s', (lines, ...differences) => {
  const made = web(lines);
  expect(differing(made)).toEqual(differences);
  expect(made.result.report.entries.filter(({ result }) => result !== 'taken')).toEqual([]);
});

describe('what is said', () => {
  test.each<[lines: string, key: string, said: string | RegExp]>([
    ['comand=x', 'comand', 'ignored is not known to supervisord'],
    ['nodaemon=true', 'nodaemon', 'ignored is ignored by supervisord'],
    ['stopsignal=NO', 'stopsignal', /^told supervisord does not start with "NO"/],
    ['user=%(ENV_WHO)s', 'user', /^told ENV_WHO is needed now: --env WHO=VALUE/],
    ['environment=A=x@y,B=1', 'environment', /^told supervisord does not start with this/],
    ['environment=A=a b C="x"y', 'environment', /^changed b, y is not read by supervisord/],
    ['stdout_syslog=true', 'stdout_syslog', /^told syslog gets nothing/],
    ['serverurl=http://x', 'serverurl', 'told is not mapped'],
    ['priority=3', 'priority', /^told is the order in which supervisord starts/],
    ['stderr_logfile=/x\nredirect_stderr=true', 'stderr_logfile', /^ignored means nothing with redirect_stderr/],
    ['user=a ; old\nuser=b', 'user', /^ignored overridden/],
    ['user=www-data', 'user', /^changed HOME, USER, LOGNAME and SHELL are those of the user/],
    ['directory=/a ;b', 'directory', /^taken what follows is a comment to Python/],
  ])('%s', (lines, key, said) => {
    const made = web(lines);
    expect(made.said(key)[0]).toMatch(said instanceof RegExp ? said : new RegExp(`^${said}$`));
  });

  test('a header without its bracket is a key, and what follows it belongs to the section before', () => {
    const made = web('\n[program:lost\ncommand=/bin/other\n');
    expect(made.file('web/run')).toContain('/bin/other');
    expect(made.entries('[program')).toMatchObject([{ result: 'told', line: 4, hint: 'close it' }]);
    expect(made.said('command')).toEqual(['ignored overridden', 'taken']);
  });

  test('a comment inside of quotes cuts a command that can then never start', () => {
    const made = imported(supervisord, { [CONF]: `[program:web]\ncommand=sh -c "a ; b"\n` });
    expect(made.paths).toEqual(['default/contents', 'default/type']);
    expect(made.said('command')).toEqual([
      expect.stringMatching(/^told can never be started: a quote \("\) is never closed/),
    ]);
    const go = imported(
      supervisord,
      { [CONF]: `[program:web]\ncommand=sh -c "a ; b"\n` },
      { choices: new Map([['dialect', ['go']]]) },
    );
    expect(go.file('web/run')).toBe("#!/bin/sh\nexec sh -c 'a ; b'");
  });

  test('a server that is open to all addresses without a password', () => {
    const made = imported(supervisord, { [CONF]: '[inet_http_server]\nport=*:9001\n[supervisorctl]\nserverurl=x\n' });
    expect(made.said('')[0]).toMatch(/open to all addresses without a password/);
    const closed = imported(supervisord, { [CONF]: '[inet_http_server]\nport=*:9001\nusername=a\npassword=b\n' });
    expect(closed.said('')[0]).not.toMatch(/without a password/);
  });

  test('a listener that ends everything, one that writes out, and any other', () => {
    const listener = (name: string, command: string, events: string) =>
      `[eventlistener:${name}]\ncommand=${command}\nevents=${events}\n`;
    const made = imported(supervisord, {
      [CONF]:
        listener('exit', "bash -c 'kill $PPID'", 'PROCESS_STATE_FATAL') +
        listener('out', 'supervisor_stdout', 'PROCESS_LOG') +
        listener('mail', 'crashmail -a', 'PROCESS_STATE_EXITED'),
    });
    expect(made.said('command')).toEqual([
      expect.stringMatching(/ends everything/),
      expect.stringMatching(/is dropped: what programs write/),
      expect.stringMatching(/listener to events/),
    ]);
    expect(made.result.services).toEqual([]);
  });
});

describe('several files', () => {
  const MAIN = '[supervisord]\nnodaemon=true\n[include]\nfiles = conf.d/*.conf %(ENV_MORE)s\n';

  test('are read as supervisord includes them: sorted, not by way of each other, relative to the first', () => {
    const made = imported(
      supervisord,
      {
        [CONF]: MAIN,
        '/etc/supervisor/conf.d/b.conf': '[program:b]\ncommand=%(here)s/b\n[include]\nfiles=c.ini\n',
        '/etc/supervisor/conf.d/a.conf': '[program:a]\ncommand=a\n[program:b]\nuser=nobody\n',
        '/etc/supervisor/conf.d/.hidden.conf': '[program:x]\ncommand=x\n',
        '/etc/supervisor/conf.d/c.ini': '[program:c]\ncommand=c\n',
      },
      { environment: new Map([['MORE', '/none/*']]) },
    );
    expect(made.result.services).toEqual(['a', 'b']);
    expect(made.file('b/run')).toContain('/etc/supervisor/conf.d/b');
    expect(made.file('b/user')).toBe('nobody');
    expect(made.said('files')).toEqual([
      expect.stringMatching(/^told nothing matches \/none/),
      'ignored counts only in the first file',
    ]);
  });

  test('in a directory are those that end in .conf and .ini', () => {
    const made = imported(
      supervisord,
      { '/d/a.conf': '[program:a]\ncommand=a\n', '/d/b.ini': '[program:b]\ncommand=b\n', '/d/c.txt': 'x' },
      { paths: ['/d'] },
    );
    expect(made.result.services).toEqual(['a', 'b']);
  });
});

describe('numprocs', () => {
  const MANY =
    'numprocs=3\nnumprocs_start=1\nprocess_name=%(program_name)s_%(process_num)02d\nenvironment=PORT="80%(process_num)02d"\n';

  test('makes a template, its instances, and a bundle of the name', () => {
    const made = web(MANY);
    expect(made.below('web')).toEqual(['contents.d/web@1', 'contents.d/web@2', 'contents.d/web@3', 'type']);
    expect(made.below('default')).toEqual(['contents.d/web@1', 'contents.d/web@2', 'contents.d/web@3', 'type']);
    expect(made.file('web@/run')).toBe(
      `#!/bin/sh\nexec rc-exec --open-files="$(ulimit -n)" '--environment=PORT="80%(process_num)02d"' '--environment=SUPERVISOR_PROCESS_NAME="web_%(process_num)02d"' supervisord -- /usr/bin/web`,
    );
    expect(made.file('web@/log')).toContain('dir /var/log/web/%i');
  });

  test('that a boot does not start is there nevertheless', () => {
    const made = web(`${MANY}autostart=false\n`);
    expect(made.below('default')).toEqual(['contents', 'type']);
    expect(made.result.services).toEqual(['web@1', 'web@2', 'web@3']);
  });

  test('is needed now', () => {
    expect(web('numprocs=%(ENV_N)s').said('numprocs')[0]).toMatch(/^told ENV_N is needed now/);
    expect(web('numprocs=%(ENV_N)s', { environment: new Map([['N', '2']]) }).result.services).toEqual([
      'web@0',
      'web@1',
    ]);
  });
});

describe('groups', () => {
  const group = (name: string) =>
    `[program:a]\ncommand=a\n[program:b]\ncommand=b\nautostart=false\n[group:${name}]\nprograms=a,b\n`;

  test('are bundles, and start nothing that is manual', () => {
    const made = imported(supervisord, { [CONF]: group('both') });
    expect(made.below('both')).toEqual(['contents.d/a', 'contents.d/b', 'type']);
    expect(made.below('default')).toEqual(['contents.d/a', 'type']);
    expect(made.file('a/env/SUPERVISOR_GROUP_NAME')).toBe('both');
  });

  test('that have the name of a service get another one', () => {
    const made = imported(supervisord, { [CONF]: group('a') });
    expect(made.below('a-group')).toEqual(['contents.d/a', 'contents.d/b', 'type']);
    expect(made.said('programs')).toEqual(['changed a service is called a: the bundle is a-group']);
  });

  test('a program that is called default keeps its name', () => {
    const made = imported(supervisord, { [CONF]: '[program:default]\ncommand=x\n' });
    expect(made.below('default-group')).toEqual(['contents.d/default', 'type']);
  });

  test('with a program that is not there are told', () => {
    expect(imported(supervisord, { [CONF]: '[group:g]\nprograms=x\n' }).said('programs')[0]).toMatch(
      /^told supervisord does not start/,
    );
  });
});

describe('order', () => {
  const three = (more: string) =>
    `[program:log]\ncommand=log\npriority=1\n[program:start]\ncommand=start\npriority=2\n[program:web]\ncommand=web\npriority=2\n${more}`;

  test('of priorities is one that waits only if that is asked for', () => {
    const made = imported(supervisord, { [CONF]: three('') }, { choices: new Map([['priority-as-order', []]]) });
    expect([made.below('start/after.d'), made.below('web/after.d'), made.below('log/after.d')]).toEqual([
      ['log'],
      ['log'],
      [],
    ]);
    expect(made.said('priority')).toEqual(['taken', 'taken', 'taken']);
  });

  test('of the dependent-startup plug-in is one of needs, and what waits is started by a boot', () => {
    const plugin = 'autostart=false\ndependent_startup=true\ndependent_startup_wait_for=log:running start:exited\n';
    const made = imported(supervisord, { [CONF]: three(plugin) });
    expect(made.below('web/dependencies.d')).toEqual(['log', 'start']);
    expect(made.below('default')).toContain('contents.d/web');
    expect(made.said('dependent_startup_wait_for')[0]).toMatch(/^told waits for the start of start, not for its end/);
    const once = imported(supervisord, { [CONF]: three(plugin) }, { choices: new Map([['oneshot', ['start']]]) });
    expect(once.file('start/type')).toBe('oneshot');
    expect(once.said('dependent_startup_wait_for')).toEqual(['taken']);
  });

  test('of Go, by depends_on', () => {
    expect(imported(supervisord, { [CONF]: three('depends_on=log,start') }).below('web/dependencies.d')).toEqual([
      'log',
      'start',
    ]);
  });
});

describe('commands', () => {
  const run = (command: string, more: Partial<ImportRequest> = {}) =>
    imported(supervisord, { [CONF]: `[program:web]\ncommand=${command}\n` }, more);

  test.each([
    ['sh -c "exec web --port 80"', 'exec web --port 80'],
    ['/bin/bash -c "web"', 'exec web'],
    ['sh -c "cd /x && web"', "exec sh -c 'cd /x && web'"],
    ['sh -c "A=1 web"', "exec sh -c 'A=1 web'"],
    ['sh -c "echo $HOME"', "exec sh -c 'echo $HOME'"],
    ['php-fpm', 'exec php-fpm -F'],
    ['/usr/sbin/sshd', 'exec /usr/sbin/sshd -D'],
    ['"my web" \'a"b\' c\\ d', `exec 'my web' 'a"b' 'c d'`],
    ['100%%', 'exec 100%'],
  ])('%s', (command, line) => {
    expect(run(command).file('web/run')).toBe(`#!/bin/sh\n${line}`);
  });

  test('with variables are put together at start', () => {
    expect(run('web %(ENV_PORT)s 5%%').file('web/run')).toContain("supervisord -- 'web %(ENV_PORT)s 5%%'");
    expect(run('web %(program_name)s %(group_name)s').file('web/run')).toBe('#!/bin/sh\nexec web web web');
  });

  test('that wait say which need is meant', () => {
    expect(run('sh -c "until nc -z db 5432; do sleep 1; done; web"').entries('command')[0]).toMatchObject({
      result: 'taken',
      message: 'waits for db:5432',
    });
    expect(run('sh -c "sleep 10 && web"').entries('command')[0]?.hint).toMatch(/a need/);
  });

  test('that read their standard input, or lie relative to supervisord, are told', () => {
    expect(run('cat').said('command')[0]).toMatch(/^told ends when its standard input does/);
    expect(run('bin/web').said('command')[0]).toMatch(/^told bin\/web is looked for/);
  });
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: these are what templates of others look like
test.each(['command={{ command }}', '{% if x %}', 'command=@SBINDIR@/x', 'a${B}c=1', '[program:${NAME}]'])(
  'a template that nobody rendered is refused with its line: %s',
  (line) => {
    expect(() => imported(supervisord, { [CONF]: `[program:web]\ncommand=x\n${line}\n` })).toThrow(
      /"line":3.*render it first/,
    );
  },
);

test.each(['[program:a]\nx', 'a=1', '[program:../../x]\ncommand=x', '[program:]\ncommand=x'])(
  'what supervisord refuses is told: %j',
  (text) => {
    const made = imported(supervisord, { [CONF]: text });
    expect(made.result.report.entries.some(({ result }) => result === 'told')).toBe(true);
    expect(made.paths.every((path) => path.startsWith('default/'))).toBe(true);
  },
);
