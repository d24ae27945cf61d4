import { everyService, FLAG, type ServiceId, serviceId } from '@muster/core/model/database';
import type { Definition, FileEntry, Longrun } from '@muster/core/model/definition';
import { ownerOf } from '@muster/store/live/service-files';
import { unsupportedByS6 } from '@muster/supervisors/s6/unsupported';
import { supervisorNamed } from '@muster/supervisors/supervisor-table';
import { describe, expect, it } from 'vitest';
import { databaseOf, file, longrun, oneshot } from './definitions.ts';

const KINDS = ['embedded', 's6', 'runit'] as const;
type Kind = (typeof KINDS)[number];
const TARGET = { live: '/run/rc', muster: '/usr/bin/muster' };
const supervisor = (kind: Kind) => supervisorNamed(kind)!;
const RUN = '#!/bin/sh\nexec web\n';

function textOf(entry: FileEntry): string {
  if (entry.kind !== 'file') throw new Error(`${entry.path} is no file`);
  return new TextDecoder().decode(entry.content);
}

/** Paths to contents. */
function rendered(definition: Definition, kind: Kind): Record<string, string | null> {
  const entries = supervisor(kind).render(databaseOf({ web: definition }), serviceId(0), TARGET);
  return Object.fromEntries(
    entries.map((entry) => [entry.path, entry.kind === 'file' ? new TextDecoder().decode(entry.content) : null]),
  );
}

describe('a longrun that asks for nothing', () => {
  it('is its own files and a down file, and on s6 a directory that others than root may look into', () => {
    const definition = longrun(RUN, { also: [file('data/x', 'y')] });
    const files = { 'data/x': 'y', down: '', run: RUN };
    expect(rendered(definition, 'embedded')).toEqual(files);
    expect(rendered(definition, 's6')).toEqual({ ...files, supervise: null });
  });

  it('keeps its finish as it is on embedded, and on s6 gets one around it that leaves word of a 125', () => {
    const definition = longrun(RUN, { also: [file('finish', '#!/bin/sh\n')] });
    expect(rendered(definition, 'embedded')).toEqual({ down: '', finish: '#!/bin/sh\n', run: RUN });
    const onS6 = rendered(definition, 's6');
    expect(onS6).toMatchObject({ 'finish.user': '#!/bin/sh\n', 'timeout-finish': '0\n' });
    expect(onS6.finish).toContain('give_up finish');
  });

  it('gets its name and a session of its own on runit', () => {
    const { finish, ...files } = rendered(longrun(RUN), 'runit');
    expect(finish).toContain('supervise/muster-exit');
    expect(files).toEqual({
      '.muster': null,
      down: '',
      run: '#!/bin/sh\nexec setsid /run/rc/services/web/run.user web\n',
      'run.user': RUN,
      supervise: null,
    });
  });
});

describe('settings', () => {
  const definition = longrun(RUN, {
    notificationFd: 3,
    timeoutKill: 2000,
    killProcessGroup: true,
    downSignal: 'INT',
    maxDeathTally: 7,
    readyAfter: 500,
    restart: {
      policy: 'on-failure',
      delayMin: 200,
      delayMax: 60_000,
      limit: { count: 5, window: 60_000 },
      successCodes: ['0'],
    },
  });

  it('are files for the embedded tree', () => {
    expect(rendered(definition, 'embedded')).toEqual({
      down: '',
      'down-signal': 'INT\n',
      'flag-timeout-killpg': '',
      'max-death-tally': '7\n',
      'notification-fd': '3\n',
      'ready-after': '500\n',
      restart: 'on-failure\n',
      'restart-delay': '200..60000\n',
      'restart-limit': '5/60000\n',
      run: RUN,
      'timeout-kill': '2000\n',
    });
  });

  it('become scripts where the supervisor does not know them', () => {
    const onS6 = rendered(definition, 's6');
    expect(Object.keys(onS6)).toEqual(
      '.muster down down-signal finish flag-timeout-killpg max-death-tally notification-fd restart run run.user supervise timeout-finish timeout-kill'.split(
        ' ',
      ),
    );
    expect(onS6['timeout-finish']).toBe('0\n');
    expect(Object.keys(rendered(definition, 'runit'))).toEqual(
      '.muster check control/d control/t down finish restart run run.user supervise'.split(' '),
    );
  });
});

describe('rules of readiness', () => {
  const run = (backend: 's6' | 'runit', more: Parameters<typeof longrun>[1]) =>
    rendered(longrun(RUN, { readyAfter: 77_000, ...more }), backend).run ?? '';

  it.each(['s6', 'runit'] as const)('count one at a time on %s, as in the embedded tree', (backend) => {
    expect(run(backend, {})).toContain('sleep 77');
    expect(run(backend, { readyCheck: { interval: 250 } })).toContain('./ready-check');
    expect(run(backend, { readyCheck: { interval: 250 } })).not.toContain('sleep 77');
    expect(run(backend, { readyCheck: { interval: 250 }, notificationFd: 3 })).not.toMatch(/sleep 77|ready-check/);
  });
});

describe('the logger that a log file asks for', () => {
  const logger = {
    directory: '/var/log/my web',
    size: 1000,
    keep: 3,
    timestamp: 'iso',
    prefix: 'web: ',
    mode: 0o640,
    link: null,
    select: [
      { action: 'exclude', pattern: '^debug' },
      { action: 'include', pattern: 'debug.*!' },
    ],
  } as const;
  const database = databaseOf({ web: longrun(RUN), 'web-log': { ...longrun(''), files: [], logger } }, [
    ['web', 'web-log'],
  ]);
  const run = (id: ServiceId) =>
    textOf(
      supervisor('embedded')
        .render(database, id, TARGET)
        .find(({ path }) => path === 'run')!,
    );

  it('is rc-logger, reading from its pipe', () => {
    expect(run(serviceId(1))).toBe(`#!/bin/sh
[ -p /run/rc/pipes/web-log ] || { echo "$0: there is no pipe at" /run/rc/pipes/web-log >&2; exit 111; }
exec 0<>/run/rc/pipes/web-log
exec 3<>.muster/trouble 4<>.muster/held
exec /usr/bin/muster logger --size 1000 --keep 3 --timestamp iso --trouble-fd 3 --held-fd 4 '--prefix=web: ' '--exclude=^debug' '--include=debug.*!' -- '/var/log/my web'
`);
  });

  it('gets standard error too', () => {
    expect(run(serviceId(0))).toContain('exec 1<>/run/rc/pipes/web-log\nexec 1>/run/rc/pipes/web-log\nexec 2>&1\n');
  });
});

it('renders the commands of a oneshot, scripts to be executed and vectors as words ended by NUL', () => {
  const entries = supervisor('s6').render(databaseOf({ prepare: oneshot('#!/bin/sh\ntrue\n') }), serviceId(0), TARGET);
  expect(entries.map((entry) => [entry.path, entry.kind === 'file' && entry.mode])).toEqual([
    ['down.argv', 0o644],
    ['status', 0o644],
    ['up', 0o755],
  ]);
  expect(textOf(entries[0]!)).toBe('echo\0two words\0');
});

it('renders the same bytes every time', () => {
  const definition = longrun(RUN, { readyCheck: { interval: 250 }, loadEnvironment: true, process: { nice: 2 } });
  for (const kind of KINDS) {
    expect(rendered(definition, kind)).toEqual(rendered(definition, kind));
  }
});

describe('what a supervisor cannot do', () => {
  const longruns: readonly Longrun[] = [
    longrun(RUN, { newPidNamespace: true, notificationFd: 12 }),
    longrun(RUN, { restart: { policy: 'always', delayMin: 0, delayMax: 0, limit: null, successCodes: ['0'] } }),
    longrun(RUN),
  ];
  const found = (kind: Kind) => longruns.map((each) => [...supervisor(kind).unsupported(each, '/no/scandir')]);
  const named = (kind: Kind) => found(kind).map((each) => each.map(({ feature }) => feature));

  it('is named, service by service', () => {
    expect(named('embedded')).toEqual([[], [], []]);
    expect(named('s6')).toEqual([[], ['restart-delay'], []]);
    expect(named('runit')).toEqual([['flag-newpidns', 'notification-fd'], ['restart-delay'], []]);
  });

  it('is named for an s6 that does not know a file yet', () => {
    const older = longruns.map((each) => [...unsupportedByS6(each, (file) => file === 'flag-timeout-killpg')]);
    expect(older.map((each) => each.map(({ feature }) => feature))).toEqual([['flag-newpidns'], ['restart-delay'], []]);
  });

  it('comes with a way out', () => {
    expect(
      found('runit')
        .flat()
        .every(({ wayOut }) => wayOut.length > 20),
    ).toBe(true);
  });
});

it('renders nothing that the table of the names in a service directory does not know', () => {
  const everything = longrun(RUN, {
    also: ['finish', 'ready-check', 'data/x', 'env/X'].map((path) => file(path, '')),
    notificationFd: 4,
    lockFd: 5,
    timeoutKill: 1,
    timeoutFinish: 1,
    killProcessGroup: true,
    maxDeathTally: 1,
    downSignal: 'INT',
    reloadSignal: 'USR1',
    newPidNamespace: true,
    loadEnvironment: true,
    readyCheck: { interval: 100 },
    readyAfter: 100,
    restart: { policy: 'never', delayMin: 1, delayMax: 2, limit: { count: 1, window: 1 }, successCodes: ['0'] },
  });
  const asking: Definition = { ...oneshot('#!/bin/sh\n'), instance: 'x', reload: { form: 'argv', argv: [] } };
  const database = { ...databaseOf({ asking, everything }), flags: Uint8Array.of(FLAG.console, 0) };
  for (const kind of KINDS) {
    const entries = everyService(database).flatMap((id) => supervisor(kind).render(database, id, TARGET));
    expect(entries.filter(({ path }) => ownerOf(path) === undefined)).toEqual([]);
    expect(entries.map(({ path }) => path)).toEqual(expect.arrayContaining(['flag-console', 'finish', 'reload.argv']));
  }
});
