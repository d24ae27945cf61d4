/** What a configuration has beside its programs: supervisord itself, its servers, and listeners to events. */
import type { Account } from '../account/account.ts';
import type { FileReader } from '../files/reader.ts';
import type { Names } from './expansions.ts';
import type { IniSection } from './ini.ts';
import type { Inherited } from './program.ts';
import { SectionReader } from './section-reader.ts';
import { boolean, integer } from './values.ts';

/** What becomes of supervisord's own keys, for those that stand for something of a tree. */
const OWN: Readonly<Record<string, string>> = {
  logfile: "what is done is in the live directory's events, and what nobody logs in its log: rc-events, rc-log",
  logfile_maxbytes: "the live directory's own logs have a size of their own",
  logfile_backups: "the live directory's own logs have a size of their own",
  loglevel: 'rc-events shows everything',
  pidfile: 'the live directory knows its tree: rc-status',
  silent: 'what the tree says is in its log',
  childlogdir: 'logs without a name are made below --log-dir',
  nocleanup: 'logs are kept',
  strip_ansi: 'logs keep what was written; rc-log shows it without doing it to the terminal',
  identifier: 'a live directory has no name but its path',
  minprocs: 'the number of processes is not looked at',
};

const DAEMONIZED = 'counts only where supervisord goes into the background, which it does not do in a container';

export function inheritedFrom(section: IniSection | undefined, names: Names, account: Account): Inherited {
  if (section === undefined) return { environment: null, user: null, minfds: null };
  const reader = new SectionReader(section, names, account, '');
  reader.takes(section.headers, 'default');
  const nodaemon = reader.value('nodaemon', boolean);
  if (nodaemon !== null)
    reader.change(
      nodaemon.from,
      'rc-container and rc-svscan stay in the foreground; rc-init puts the tree into the background',
    );
  for (const key of ['umask', 'directory']) reader.ignore(key, DAEMONIZED);
  for (const [key, message] of Object.entries(OWN)) {
    const raw = reader.raw(key);
    if (raw !== null) reader.change(raw.from, message);
  }
  const user = reader.text('user');
  const isRoot = user !== null && (user.value === 'root' || user.value === '0');
  if (isRoot) reader.takes(user.from, 'default');
  const inherited = {
    environment: reader.raw('environment'),
    user: isRoot ? null : user,
    minfds: reader.value('minfds', integer),
  };
  reader.close();
  return inherited;
}

/** Root's password is nobody's: said, wherever such a server is open. */
export function tellServer(section: IniSection, names: Names, account: Account): void {
  const reader = new SectionReader(section, names, account, '');
  const port = section.get('port')?.value ?? '';
  const isOpen = section.name.startsWith('inet_http_server') && /^(\*|0\.0\.0\.0|\[?::\]?)?:?\d+$/.test(port.trim());
  if (isOpen && section.get('password') === undefined)
    reader.note(
      section.headers,
      'is open to all addresses without a password: whoever reaches it could run anything as root',
    );
  reader.tellAll(
    'needs rc-serve, which is not part of this import: rc-status, rc-change and the like do what supervisorctl does',
  );
  reader.close();
}

const ENDS_ALL = /\bkill\b|os\.kill|SIGQUIT|SIGTERM|SIGKILL|supervisord\.pid|\bshutdown\b|\bPPID\b/i;
const ENDINGS = /PROCESS_STATE_(FATAL|EXITED|STOPPED)|PROCESS_STATE\b/;

interface ListenerPurpose {
  /** It only writes out what others say. */
  readonly isForOutput: boolean;
}

export function tellListener(
  section: IniSection,
  account: Account,
  { names, root, files }: { readonly names: Names; readonly root: string; readonly files: FileReader },
): ListenerPurpose {
  const reader = new SectionReader(section, names, account, '');
  const command = section.get('command')?.value ?? '';
  const isForOutput = /supervisor[_-]stdout/.test(`${command} ${section.get('result_handler')?.value ?? ''}`);
  if (isForOutput) {
    reader.tellAll('is dropped: what programs write is shown without it');
    reader.close();
    return { isForOutput };
  }
  const scripts = command.split(/\s+/).filter((word) => word.startsWith('/'));
  const text = scripts
    .map((path) => files.text(`${root === '/' ? '' : root}${path}`))
    .map((read) => (read.ok ? read.value : ''));
  const endsAll =
    ENDINGS.test(section.get('events')?.value ?? '') && ENDS_ALL.test([command, section.name, ...text].join('\n'));
  if (endsAll)
    reader.tellAll(
      'is dropped: it ends everything when a program ends',
      'rc-container --on-failure stop does that, or --exit-with NAME for one program',
    );
  else reader.tellAll('is a listener to events, which needs rc-serve', 'rc-events tells what happens, to any program');
  reader.close();
  return { isForOutput };
}
