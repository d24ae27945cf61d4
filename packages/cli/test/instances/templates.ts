/** A site with a template that has all that a template may have. */
import type { Tree } from '../compile/trees.ts';
import { daemon, oneshot } from '../update/definitions.ts';

/** Says its variables, and is ready when it has. */
const RUN = [
  '#!/bin/sh',
  'echo "PORT=$PORT in $RC_INSTANCE"',
  // Two words and a newline, if that is what they gave it.
  'printf "%s" "$TEXT" >"data/text"',
  'echo >&3',
  'exec sleep 1000000',
  '',
].join('\n');

/** `logs`: where the loggers write. */
export function tunnels(logs: string): Tree {
  return {
    ...daemon('net'),
    ...oneshot('key@', 'true\n', { down: 'true\n' }),
    ...daemon('tunnel@', ['net', 'key@%i'], {
      run: RUN,
      'notification-fd': '3\n',
      log: `dir ${logs}/%i\ntimestamp none\n`,
      'data/keep': '',
    }),
    'default/type': 'bundle\n',
    'default/contents': 'net\n',
  };
}
