/**
 * Who changes something right now: a file `changes/PID` for each command that does, so that another one which waits can
 * say for whom, and see that it would wait for ever. These files decide nothing, they only explain; one whose process is
 * gone is removed by whoever sees it.
 *
 * Five lines: start time of the process (from /proc), command line for people, the services whose locks it waits for
 * (separated by slashes, which no name has), since when it runs (milliseconds since the epoch), and the PID namespace that its
 * pid is of: whoever is in another one can say nothing of it.
 */

import { readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '@muster/posix/absence';
import {
  commandLine,
  isRunning,
  ownPid,
  type ProcessIdentity,
  pidNamespace,
  processFacts,
} from '@muster/posix/process';
import { readRegularText } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';

export interface RunningChange extends ProcessIdentity {
  /** `rc-change -d web` */
  readonly command: string;
  /** Names of services. */
  readonly waitsFor: readonly string[];
  readonly since: number;
}

export class AnnouncedChange {
  readonly #path: string;
  readonly #startTime: number;
  readonly #command: string;
  readonly #since: number;
  readonly #waitsFor = new Set<string>();

  constructor(directory: string, command: string, now: number) {
    const pid = ownPid();
    this.#path = join(directory, String(pid));
    this.#startTime = processFacts(pid)?.startTime ?? 0;
    this.#command = command.replaceAll('\n', ' ');
    this.#since = now;
    this.#write();
  }

  beginWaiting(service: string): void {
    if (this.#waitsFor.has(service)) return;
    this.#waitsFor.add(service);
    this.#write();
  }

  endWaiting(service: string): void {
    if (this.#waitsFor.delete(service)) this.#write();
  }

  end(): void {
    rmSync(this.#path, { force: true });
  }

  /** It only explains: where there is no space for it, the change goes on all the same. */
  #write(): void {
    const lines = [this.#startTime, this.#command, [...this.#waitsFor].join('/'), this.#since, pidNamespace()];
    try {
      replaceFile(this.#path, `${lines.join('\n')}\n`, { policy: 'atomic', mode: 0o644 });
    } catch {
      // Others will say "another command" of it.
    }
  }
}

/** The change that the process `pid` has announced, or null. */
export function changeOf(directory: string, pid: number): RunningChange | null {
  const path = join(directory, String(pid));
  let text: string;
  try {
    text = readRegularText(path);
  } catch {
    return null;
  }
  const [startTime, command, waitsFor, since, namespace] = text.split('\n');
  if (since === undefined || isOfAnotherNamespace(namespace)) return null;
  if (!isRunning(pid, Number(startTime))) {
    forget(path);
    return null;
  }
  return {
    pid,
    startTime: Number(startTime),
    command: command!,
    waitsFor: waitsFor!.split('/').filter((name) => name !== ''),
    since: Number(since),
  };
}

/** It is absent if a command announced it that did not say so yet. */
function isOfAnotherNamespace(namespace: string | undefined): boolean {
  return !!namespace && namespace !== pidNamespace();
}

function isForeign(path: string): boolean {
  try {
    return isOfAnotherNamespace(readRegularText(path).split('\n')[4]);
  } catch {
    return false;
  }
}

/** For people, whoever holds a lock: `rc-change web (pid 812), which is stopped`. Null if it is over, or out of sight. */
export function holderName(directory: string, pid: number | null): string | null {
  if (pid === null) return null;
  if (pid === 0) return 'a process of another PID namespace';
  const facts = processFacts(pid);
  if (facts === null) return null;
  const command = changeOf(directory, pid)?.command ?? commandLine(pid)?.join(' ') ?? 'a process';
  return `${command} (pid ${pid})${facts.stopped ? ', which is stopped' : ''}`;
}

export function runningChanges(directory: string): RunningChange[] {
  return namesIn(directory).flatMap((name) => (/^\d+$/.test(name) ? (changeOf(directory, Number(name)) ?? []) : []));
}

/** Removes what changes that were killed have left. */
export function forgetDead(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = Number.parseInt(name, 10);
    const path = join(directory, name);
    if (isForeign(path)) continue;
    if (changeOf(directory, pid) === null && processFacts(pid) === null) forget(path);
  }
}

function forget(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else has, or we are only readers here.
  }
}
