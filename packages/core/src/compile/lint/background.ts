/** A `run` whose daemon leaves it: the supervisor would watch a process that is gone. */

interface Finding {
  readonly message: string;
  readonly line: number;
  readonly hint: string;
}

/** Daemons that leave the foreground unless one of `stay` is given. */
const LEAVES: ReadonlyMap<string, readonly string[]> = new Map([
  ['sshd', ['-D', '-d', '-i']],
  ['nginx', ['daemon off']],
  ['crond', ['-f', '-n', '-d']],
  ['cron', ['-f']],
  ['dbus-daemon', ['--nofork', '--nopidfile', '--session', '--config-file']],
  ['rsyslogd', ['-n']],
  ['chronyd', ['-n', '-d', '-q']],
  ['ntpd', ['-n', '-d']],
  ['dnsmasq', ['-k', '-d', '--keep-in-foreground', '--no-daemon']],
  ['php-fpm', ['-F', '--nodaemonize']],
  ['apache2', ['-DFOREGROUND', 'FOREGROUND', '-X']],
  ['httpd', ['-DFOREGROUND', 'FOREGROUND', '-X', '-f']],
  ['smbd', ['-F', '--foreground', '-i']],
  ['nmbd', ['-F', '--foreground', '-i']],
  ['dhcpcd', ['-B', '--nobackground']],
  ['named', ['-f', '-g']],
  ['cupsd', ['-f', '-F']],
  ['acpid', ['-f', '--foreground', '-d']],
  ['xinetd', ['-dontfork', '-d']],
  ['lighttpd', ['-D']],
  ['squid', ['-N', '--foreground']],
  ['rpcbind', ['-f', '-d']],
]);

/** Daemons that stay unless one of these is given. */
const STAYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['avahi-daemon', ['-D', '--daemonize']],
  ['haproxy', ['-D']],
  ['hostapd', ['-B']],
  ['memcached', ['-d', '--daemon']],
  ['redis-server', ['--daemonize yes']],
  ['udevd', ['-d', '--daemon']],
  ['wpa_supplicant', ['-B']],
]);

/** Most scripts name none of these: one look is enough for them. */
const DAEMONS = new RegExp(`(?:^|[\\s/'"])(?:${[...LEAVES.keys(), ...STAYS.keys()].join('|')})(?:$|[\\s'"])`);

/** What keeps a daemon in the foreground that leaves it unless it is told not to: `-F`. Null for any other. */
export function optionToStay(path: string): string | null {
  const [stay] = LEAVES.get(program(path)) ?? [];
  if (stay === undefined) return null;
  return stay === 'daemon off' ? '-g daemon off;' : stay;
}

/** Null if the last command of the script stays, as far as one can tell. */
export function backgrounding(script: string): Finding | null {
  const last = lastCommand(script);
  if (last === null) return null;
  const { text, start } = last;
  if (/(?:^|[^&>])&$/.test(text))
    return {
      message: 'run puts its daemon into the background, and ends',
      line: lineAt(script, start),
      hint: 'remove the & at the end, and put exec in front',
    };
  if (!DAEMONS.test(text)) return null;
  const words = text.split(/\s+/).map((word) => word.replace(/^['"]|['"]$/g, ''));
  const names = words.map(program);
  const found = names.findIndex((name) => LEAVES.has(name) || STAYS.has(name));
  const name = names[found];
  if (name === undefined || !isExecutedBehind(words.slice(0, found))) return null;
  const options = words.slice(found + 1);
  const given = (option: string) =>
    option.includes(' ') ? text.includes(option) : options.some((word) => gives(word, option));
  const line = lineAt(script, start);
  const stay = LEAVES.get(name);
  if (stay !== undefined && !stay.some(given))
    return {
      message: `${name} leaves the foreground unless it is told not to`,
      line,
      hint: `give it ${stay[0] === 'daemon off' ? "-g 'daemon off;'" : stay[0]}`,
    };
  const leave = STAYS.get(name)?.find(given);
  if (leave === undefined) return null;
  return { message: `${leave} makes ${name} leave the foreground`, line, hint: 'remove that option' };
}

/** `-fd` gives `-f` and `-d`. */
function gives(word: string, option: string): boolean {
  if (word === option || word.startsWith(`${option}=`)) return true;
  return /^-[A-Za-z]$/.test(option) && /^-[A-Za-z]+$/.test(word) && word.includes(option.slice(1));
}

function program(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

/** Programs that become what they execute, whatever stands between: `cat nginx` is none of them. */
const WRAPPERS =
  /^(?:env|nice|ionice|chrt|taskset|setsid|setpriv|prlimit|capsh|unshare|nsenter|ip|runuser|su-exec|gosu|sudo|doas|dumb-init|tini|chpst|softlimit|setuidgid|envuidgid|envdir|pgrphack|stdbuf|unbuffer|catchsegv|fdmove|redirfd|fdclose|umask|cd|export|unexport|importas|emptyenv|multisubstitute|foreground|s6-.+)$/;

/** Whether what stands before the daemon's name leads to it: nothing, exec, assignments, or a wrapper. */
function isExecutedBehind(before: readonly string[]): boolean {
  const first = before.find((word) => word !== 'exec' && !/^\w+=/.test(word));
  return first === undefined || first.startsWith('-') || WRAPPERS.test(program(first));
}

/** The last line that is no comment, with those that it continues; none in scripts of other languages. */
function lastCommand(script: string): { text: string; start: number } | null {
  const first = script.indexOf('\n');
  if (first === -1 || !SHELLS.test(script.slice(0, first))) return null;
  let end = script.length;
  let start: number;
  for (;;) {
    start = script.lastIndexOf('\n', end - 1) + 1;
    if (start === 0) return null;
    const line = script.slice(start, end).trim();
    if (line !== '' && !line.startsWith('#')) break;
    end = start - 1;
  }
  while (start > first + 1 && script[start - 2] === '\\') start = script.lastIndexOf('\n', start - 2) + 1;
  const text = script
    .slice(start, end)
    .replaceAll('\\\n', ' ')
    .replace(/\s#[^'"]*$/, '')
    .trim();
  return { text, start };
}

/** From 1. */
function lineAt(script: string, at: number): number {
  return script.slice(0, at).split('\n').length;
}

const SHELLS = /\b(?:sh|bash|dash|ash|execlineb)\b/;
