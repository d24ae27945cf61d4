#!/usr/bin/env node
// Becomes the executable of this platform, under the name that it was called by.
'use strict';
const { constants } = require('node:os');
const { basename } = require('node:path');
const { spawn } = require('node:child_process');

const platform = `@muster/${process.platform}-${process.arch}`;
let executable;
try {
  executable = require.resolve(`${platform}/bin/muster`);
} catch {
  console.error(`muster: there is no executable here for ${process.platform} on ${process.arch}`);
  console.error(
    `  npm installs ${platform} along, unless it is told to leave optional packages out, or there is none for this platform`,
  );
  process.exit(111);
}

const name = basename(process.argv[1]).replace(/^launch\.cjs$/, 'muster');
const args = process.argv.slice(2);
// Node has execve(2) since 22.15: then this process is the command. As a child it gets every signal that can be handed on.
if (typeof process.execve === 'function') process.execve(executable, [name, ...args], process.env);
else {
  const child = spawn(executable, args, { argv0: name, stdio: 'inherit' });
  const handed = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
  for (const signal of handed) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`muster: ${executable}: ${error.message}`);
    process.exit(111);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const handled of handed) process.removeAllListeners(handled);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 1000);
  });
}
