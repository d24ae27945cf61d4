/**
 * `npm start`: the life of fixtures/site from its source to an empty machine. Every command is printed as it would be
 * typed, then runs; the exit status is 0 only if everything was as it should be.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeRamDirectory } from '../packages/cli/test/end-to-end/ram.ts';
import { processesWith } from '../packages/posix/test/processes.ts';
import { Terminal } from './start/terminal.ts';

const root = join(import.meta.dirname, '..');
const { path: directory, where } = makeRamDirectory();
const environment = {
  RC_SOURCE: join(directory, 'source'),
  RC_COMPILED: join(directory, 'compiled'),
  RC_LIVE: join(directory, 'live'),
  SITE_RUN: join(directory, 'site'),
  SITE_BUN: process.execPath,
};
const terminal = new Terminal({ ...environment, PATH: `${join(root, 'build')}:${process.env.PATH}` });

try {
  await showLife();
} catch (error) {
  terminal.problems.push(String(error));
  terminal.ask('rc-shutdown');
}
await checkNothingIsLeft();
rmSync(directory, { recursive: true, force: true });

for (const problem of terminal.problems) console.error(`problem: ${problem}`);
process.exit(terminal.problems.length === 0 ? 0 : 1);

async function showLife(): Promise<void> {
  terminal.tell(`A web stack (fixtures/site), from its source to its end. Everything lies in ${directory}, ${where}.`);
  for (const [name, value] of Object.entries(environment)) console.log(`$ export ${name}=${value}`);
  console.log('$ export PATH="$PWD/build:$PATH"');
  await terminal.type('cp -R fixtures/site/source "$RC_SOURCE"');

  terminal.tell('From definitions to one checked database:');
  await terminal.type('rc-compile "$RC_SOURCE" "$RC_COMPILED"');

  terminal.tell('A live directory in RAM and a supervision tree, with every service down:');
  await terminal.type('rc-init');

  terminal.tell('Up, in order, as parallel as the dependencies allow:');
  await terminal.type('rc-change default');
  const first = await terminal.get(siteUrl());
  terminal.expect(first.includes('(picked by the worker)'), 'the page holds what the worker made');
  await terminal.type('rc-status');
  await terminal.type('rc-timeline');

  terminal.tell('Somebody edits the worker:');
  await terminal.type(`echo '(chosen with care)' > "$RC_SOURCE/worker/data/signature"`);
  await terminal.type('rc-diff --content', 1);

  terminal.tell('The edited source goes live; only what it concerns is restarted:');
  const before = pids();
  await terminal.type('rc-compile "$RC_SOURCE" "$RC_COMPILED"');
  await terminal.type('rc-update --dry-run');
  await terminal.type('rc-update');
  const after = pids();
  const second = await terminal.get(siteUrl());
  terminal.expect(second.includes('(chosen with care)'), 'the page holds what the new worker made');
  terminal.expect(
    after.worker !== before.worker,
    `the worker is a new process (${before.worker}, now ${after.worker})`,
  );
  terminal.expect(after.web === before.web, `the web server is the same process (${after.web})`);

  terminal.tell('A service that nothing starts by itself:');
  await terminal.type('rc-change metrics');
  await terminal.get(addressIn('metrics.url'));

  terminal.tell('Everything down, and gone:');
  await terminal.type('rc-shutdown');
}

async function checkNothingIsLeft(): Promise<void> {
  const left = processesWith('SITE_RUN', environment.SITE_RUN);
  terminal.expect(
    left.length === 0,
    `no process is left${left.map(({ pid, command }) => `; ${pid} is: ${command}`).join('')}`,
  );
  for (const path of [environment.RC_LIVE, environment.SITE_RUN]) terminal.expect(!existsSync(path), `${path} is gone`);
}

function siteUrl(): string {
  return addressIn('web.url');
}

function addressIn(file: string): string {
  return readFileSync(join(environment.SITE_RUN, file), 'utf8').trim();
}

function pids(): Record<string, number> {
  const status = JSON.parse(terminal.ask('rc-status --json')) as { services: { name: string; pid: number }[] };
  return Object.fromEntries(status.services.map(({ name, pid }) => [name, pid]));
}
