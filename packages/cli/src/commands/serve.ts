/** rc-serve: a live directory over HTTP, for programs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { rootOf, sourcePath } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { print } from '../output.ts';
import { complain } from '../render/complain.ts';
import { complainAboutProblem } from '../render/problems.ts';

const PROGRAM = 'rc-serve';
/** That of the root package.json, put in by scripts/build.ts. */
declare const VERSION: string;
/** On which the service that --install writes says that it is ready. */
const NOTIFICATION = 3;

export const command: Command = {
  summary: 'Serves a live directory to programs: HTTP with JSON on a Unix socket, until it is told to end',
  options: {
    socket: { value: 'PATH', help: 'where it listens (the default: serve.sock in the live directory)' },
    'notify-fd': { value: 'N', help: 'write a newline to this descriptor once it answers' },
    install: { help: 'serve nothing: write a definition of it, rc-serve, into the source (RC_SOURCE)' },
    live: LIVE_OPTION,
  },
  examples: [
    ['rc-serve', 'serve, in the foreground'],
    ['curl --unix-socket /run/rc/serve.sock http://localhost/status', 'how services are'],
    ['rc-serve --install && rc-reload && rc-change rc-serve', 'as a service'],
  ],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  if (call.has('install')) return install(sourcePath());
  const notify = call.value('notify-fd');
  if (notify !== undefined && !/^[1-9]\d{0,4}$/.test(notify))
    return wrongUsage(PROGRAM, `'${notify}' is no descriptor`);
  const root = rootOf(call);
  const looked = lookAt(root);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  looked.value.records.close();
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  const { serve } = await import('@muster/serve/serve');
  const served = await serve({
    root,
    socket: resolve(call.value('socket') ?? join(root, 'serve.sock')),
    muster: process.execPath,
    version: VERSION,
    signal: ending.signal,
    listening: () => {
      if (notify !== undefined) writeFileSync(Number(notify), '\n');
    },
  });
  return served.ok ? EXIT.success : complain(PROGRAM, served.problem, EXIT.failed);
}

function install(source: string): number {
  const directory = join(source, PROGRAM);
  mkdirSync(source, { recursive: true });
  mkdirSync(directory);
  const run = `#!/bin/sh\nexec '${process.execPath.replaceAll("'", String.raw`'\''`)}' serve --notify-fd ${NOTIFICATION}\n`;
  writeFileSync(join(directory, 'type'), 'longrun\n');
  writeFileSync(join(directory, 'run'), run, { mode: 0o755 });
  writeFileSync(join(directory, 'notification-fd'), `${NOTIFICATION}\n`);
  writeFileSync(join(directory, 'description'), 'serves the live directory to programs\n');
  print(`${directory}\n`);
  return EXIT.success;
}
