/** Which command lines were written for a shell, and which are sane execline. */
import { lex } from '@muster/core/compile/lexer';
import { secondCommand, shellSyntax } from '@muster/core/compile/lint/shell-syntax';
import { positionOf } from '@muster/core/compile/position';
import { expect, test } from 'vitest';

function found(text: string): string | null {
  const bytes = new TextEncoder().encode(text);
  const lexed = lex(bytes);
  if (!lexed.ok) throw new Error(lexed.problem.message);
  const finding = shellSyntax(bytes, lexed.value.tokens) ?? secondCommand(bytes, lexed.value.tokens);
  if (finding === null) return null;
  const { line, column } = positionOf(bytes, finding.at);
  return `${finding.kind} ${line}:${column}`;
}

test.each([
  ['echo 1 > /proc/sys/net/ipv4/ip_forward', 'shell-syntax 1:8'],
  ['echo 1 >/run/flag', 'shell-syntax 1:8'],
  ['echo hi >> /run/log', 'shell-syntax 1:9'],
  ['prog 2>&1', 'shell-syntax 1:6'],
  ['prog 2>/dev/null', 'shell-syntax 1:6'],
  ['prog &> /dev/null', 'shell-syntax 1:6'],
  ['prog < /etc/input', 'shell-syntax 1:6'],
  ['cat </etc/input', 'shell-syntax 1:5'],
  ['prog | tee log', 'shell-syntax 1:6'],
  ['mkdir -p /run/x && chown a /run/x', 'shell-syntax 1:17'],
  ['test -e /x || touch /x', 'shell-syntax 1:12'],
  ['mkdir /x ; chown a /x', 'shell-syntax 1:10'],
  ['mkdir /x; chown a /x', 'shell-syntax 1:7'],
  ['prog &', 'shell-syntax 1:6'],
  ['mkdir -p $HOME/x', 'shell-syntax 1:10'],
  [`echo \${HOME}`, 'shell-syntax 1:6'],
  ['ip link set dev $IFACE up', 'shell-syntax 1:17'],
  ['echo $(date)', 'shell-syntax 1:6'],
  ['A=1 prog', 'shell-syntax 1:1'],
  ["sh -c 'echo hi'", 'shell-syntax 1:7'],
  ['if [ -e /x ]; then', 'shell-syntax 1:12'],
  ['foreground { echo a } echo b > /x', 'shell-syntax 1:30'],
  ['mkdir -p /run/x\nchown a /run/x\n', 'second-command 2:1'],
  ['#!/bin/execlineb -P\nmkdir -p /run/x\n\n# then\nmytool --init\n', 'second-command 5:1'],
  ['mkdir -p /run/x\n/usr/sbin/prog\n', 'second-command 2:1'],
  ['foreground {\n  mkdir /x\n  chmod 700 /x\n}\ntrue\n', 'second-command 3:3'],
  ['modprobe a\nmodprobe b\n', 'second-command 2:1'],
])('for a shell: %j', (text, where) => {
  expect(found(text)).toBe(where);
});

test.each([
  '',
  'true',
  'sh -c "echo 1 > /proc/sys/net/ipv4/ip_forward && echo $HOME; true | cat"',
  'sh -c "a && b"',
  'sh -c echo\\ \\$HOME',
  'echo "a > b" "&&" "|" ";" "$HOME"',
  'echo \\> \\; \\&\\& \\$HOME',
  `importas HOME HOME mkdir -p \${HOME}/x`,
  'importas -i IFACE IFACE ip link set dev $IFACE up',
  'import HOME echo $HOME',
  'define A b echo $A',
  'backtick -E NOW { date } echo $NOW',
  'multisubstitute { importas A A define B b } echo $A $B',
  'forx -E name { a b } echo $name',
  '#!/command/with-contenv sh\n',
  'with-contenv echo $A',
  'if { test -e /x } echo yes',
  'ifelse { test 3 -gt 2 } { echo a } echo b',
  'if { eltest a < b } true',
  'expr 3 > 2',
  'expr 1 | 2',
  'find /tmp -type f -exec rm -f {} ;',
  'find /tmp -type f -exec rm -f {} ; -print',
  'nft add rule inet filter input tcp dport 22 accept ; list ruleset',
  'pipeline { echo a } cat',
  'redirfd -w 1 /run/x echo 1',
  'fdmove -c 2 1 prog',
  'fdmove -c 2 1\nredirfd -r 0 /dev/null\nprog',
  's6-setuidgid nobody\ncd /tmp\nprog --option\n',
  'foreground { mkdir -p /run/x }\nchown a /run/x\n',
  'foreground\n{\n  mkdir -p /run/x\n}\nchown a /run/x\n',
  'if { mkdir -p /run/x }\nif { chown a /run/x }\nprog\n',
  'mkdir -p\n  /run/a\n  /run/b\n',
  'mkdir -p\n/run/a\n/run/b\n',
  'mkdir -p /run/a\n         /run/b\n',
  'cp /etc/a \\\nmv /run/b\n',
  'cp -a /etc/skel\n/home/a\n',
  'rm -f /run/a\n-- /run/b\n',
  'env A=b prog',
  'env\nA=b\nprog',
  'prog --option=a;b',
  'prog "it\'s"',
  "prog don't",
  'sendmail -f <me@example.org>',
  'mount -t tmpfs -o size=1m,mode=755 none /x',
  `prog \${1} $1 $@ $?`,
  'echo 100$ $ a$',
  'pip install a>=1',
])('not for a shell: %j', (text) => {
  expect(found(text)).toBeNull();
});
