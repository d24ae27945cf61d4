/** Which scripts are taken for ones that leave their daemon behind, and which are not. */
import { backgrounding } from '@muster/core/compile/lint/background';
import { expect, test } from 'vitest';

const LEFT_BEHIND = [
  '#!/bin/sh\nfoo &\n',
  '#!/bin/sh\nfoo & # for now\n',
  '#!/bin/sh\nexec nginx\n',
  '#!/bin/sh\nexec nginx -c /etc/nginx.conf \\\n  -g "pid /run/x;"\n',
  '#!/bin/sh\nexec setpriv --reuid www -- /usr/sbin/sshd -e\n',
  '#!/bin/sh\nexec chpst -u www -e env crond\n',
  '#!/bin/sh\nLC_ALL=C exec named -u bind\n',
  '#!/usr/bin/execlineb -P\ns6-setuidgid www lighttpd -f conf\n',
  '#!/bin/sh\nexec dbus-daemon --system\n',
  '#!/bin/sh\nexec redis-server --daemonize yes\n',
  '#!/bin/sh\nexec haproxy -D -f conf\n',
];

const STAYING = [
  '#!/bin/sh\nfoo &\nwait $!\n',
  '#!/bin/sh\nexec foo "a &"\n',
  '#!/bin/sh\nexec foo # bar &\n',
  '#!/bin/sh\nexec foo 2>&1\n',
  '#!/bin/sh\nexec nginx -g "daemon off;"\n',
  '#!/bin/sh\nexec sshd -De\n',
  '#!/bin/sh\nexec cat /etc/nginx\n',
  '#!/bin/sh\nexec tail -F /var/log/named\n',
  '#!/bin/sh\nexec dbus-daemon --session\n',
  '#!/bin/sh\nexec dbus-daemon --config-file=/etc/bus.conf --print-address\n',
  '#!/bin/sh\nexec redis-server --daemonize no\n',
  '#!/bin/sh\nexec haproxy -db -f conf\n',
  '#!/usr/bin/python3\nprint("x") # &\n',
];

test.each(LEFT_BEHIND)('left behind: %j', (script) => {
  expect(backgrounding(script)).not.toBeNull();
});

test.each(STAYING)('staying: %j', (script) => {
  expect(backgrounding(script)).toBeNull();
});
