/** Every command by its name: `rc-NAME` or `muster NAME`. A command's module is loaded only when that command runs. */
import type { Command } from './arguments/command.ts';

type Load = () => Promise<{ command: Command }>;

export const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: Load }>> = {
  answer: {
    summary: 'answer a oneshot that asks and has no terminal',
    load: () => import('./commands/answer.ts'),
  },
  change: {
    summary: 'bring services up or down, in order, with what they need or what needs them',
    load: () => import('./commands/change.ts'),
  },
  compile: {
    summary: 'compile source directories into one database',
    load: () => import('./commands/compile.ts'),
  },
  completion: {
    summary: 'print what a shell needs to complete command lines',
    load: () => import('./commands/completion.ts'),
  },
  container: {
    summary: "be a container's process 1: services, then a command, and their end in order",
    load: () => import('./commands/container.ts'),
  },
  db: {
    summary: 'read a compiled database',
    load: () => import('./commands/db.ts'),
  },
  diff: {
    summary: 'show what differs between source, compiled, live and what runs',
    load: () => import('./commands/diff.ts'),
  },
  events: {
    summary: 'show what happens, as it happens',
    load: () => import('./commands/events.ts'),
  },
  exec: {
    summary: 'become a program whose words are put together by the rules of another supervisor',
    load: () => import('./commands/exec.ts'),
  },
  graph: {
    summary: 'draw services and what they need',
    load: () => import('./commands/graph.ts'),
  },
  import: {
    summary: 'make a source of what another supervisor is configured by',
    load: () => import('./commands/import.ts'),
  },
  init: {
    summary: 'make the live directory from a compiled database, with every service down',
    load: () => import('./commands/init.ts'),
  },
  instance: {
    summary: 'make services of templates while everything runs, and remove them',
    load: () => import('./commands/instance.ts'),
  },
  list: {
    summary: 'list services by name, for scripts',
    load: () => import('./commands/list.ts'),
  },
  log: {
    summary: 'show what services wrote, merged by time',
    load: () => import('./commands/log.ts'),
  },
  logger: {
    summary: 'write standard input into rotated logs',
    load: () => import('./commands/logger.ts'),
  },
  oneshots: {
    summary: 'run the oneshots of a live directory, under s6 and runit',
    load: () => import('./commands/oneshots.ts'),
  },
  overlay: {
    summary: 'be a program that scripts of s6-overlay images call',
    load: () => import('./commands/overlay.ts'),
  },
  reload: {
    summary: 'compile the source and update to it',
    load: () => import('./commands/reload.ts'),
  },
  serve: {
    summary: 'serve the live directory to programs, over HTTP on a Unix socket',
    load: () => import('./commands/serve.ts'),
  },
  shutdown: {
    summary: 'bring everything down, end the supervision tree, and remove the live directory',
    load: () => import('./commands/shutdown.ts'),
  },
  signal: {
    summary: 'send a signal to the processes of services',
    load: () => import('./commands/signal.ts'),
  },
  status: {
    summary: 'show how services are',
    load: () => import('./commands/status.ts'),
  },
  svscan: {
    summary: 'supervise every service directory of a scandir',
    load: () => import('./commands/svscan.ts'),
  },
  timeline: {
    summary: 'show when each service started and was ready',
    load: () => import('./commands/timeline.ts'),
  },
  update: {
    summary: 'move the live directory to another database',
    load: () => import('./commands/update.ts'),
  },
  wait: {
    summary: 'wait until services are up, ready or down',
    load: () => import('./commands/wait.ts'),
  },
  why: {
    summary: 'say why a service is up, or why it is not',
    load: () => import('./commands/why.ts'),
  },
};
