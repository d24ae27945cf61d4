/** Where the output of a program goes: `stdout_logfile` and its relatives. */
import { posix } from 'node:path';
import type { Directive } from '../account/directive.ts';
import type { OutputLog, OutputTo } from '../model/service.ts';
import { type Sourced, sourced } from '../model/value.ts';
import type { SectionReader } from './section-reader.ts';
import { boolean, byteSize, integer } from './values.ts';

const STDOUT = /^\/(dev\/stdout|dev\/fd\/1|proc\/(1|self)\/fd\/1)$/;
const STDERR = /^\/(dev\/stderr|dev\/fd\/2|proc\/(1|self)\/fd\/2)$/;
/** What supervisord calls AUTO has no name that anybody could rely on; ours are smaller than its 50 MB. */
const AUTO = { size: 1024 ** 2, keep: 10 };
const NAMED = { size: 50 * 1024 ** 2, keep: 10 };

export interface Outputs {
  readonly stdout: Sourced<OutputLog>;
  /** Null: with standard output. */
  readonly stderr: Sourced<OutputLog> | null;
}

/** `directory`: that of supervisord, which relative paths are relative to. */
export function outputsOf(section: SectionReader, directory: string): Outputs {
  const stdout = outputOf(section, 'stdout', directory);
  const redirect = section.value('redirect_stderr', boolean);
  if (redirect?.value !== true) {
    const stderr = outputOf(section, 'stderr', directory);
    if (redirect !== null) section.takes(redirect.from, 'run');
    return { stdout, stderr: areAlike(stdout.value, stderr.value) ? joined(section, stderr) : stderr };
  }
  for (const key of ['stderr_logfile', 'stderr_logfile_maxbytes', 'stderr_logfile_backups', 'stderr_syslog'])
    section.ignore(key, 'means nothing with redirect_stderr');
  const { kind } = stdout.value.to;
  if (kind === 'log' || kind === 'file') {
    section.takes(redirect.from, 'log');
    return { stdout, stderr: null };
  }
  const to: OutputTo = kind === 'nowhere' ? { kind } : { kind: 'tree', stream: 'stdout' };
  return { stdout, stderr: { ...redirect, value: { to, size: null, keep: 0 } } };
}

/** Both streams in files of their own that nobody knows the name of: one log has the same. */
function areAlike(stdout: OutputLog, stderr: OutputLog): boolean {
  if (stdout.to.kind === 'log' && stderr.to.kind === 'log') return true;
  return stdout.to.kind === 'file' && stderr.to.kind === 'file' && stdout.to.path === stderr.to.path;
}

function joined(section: SectionReader, stderr: Sourced<OutputLog>): null {
  section.takes(stderr.from, 'log');
  return null;
}

function outputOf(section: SectionReader, stream: 'stdout' | 'stderr', directory: string): Sourced<OutputLog> {
  const file = section.text(`${stream}_logfile`);
  const size = section.value(`${stream}_logfile_maxbytes`, byteSize);
  const keep = section.value(`${stream}_logfile_backups`, integer);
  const syslog = section.value(`${stream}_syslog`, boolean);
  if (syslog?.value === true) section.tell(syslog.from, "syslog gets nothing: what is written is in the service's log");
  else if (syslog !== null) section.takes(syslog.from, 'log');
  const to = destination(file?.value ?? 'AUTO', directory);
  if (file !== null && /^\s*syslog\s*$/i.test(file.value))
    section.tell(file.from, "syslog gets nothing: what is written is in the service's log");
  const from: Directive[] = [file, size, keep].flatMap((each) => [...(each?.from ?? [])]);
  const usual = to.kind === 'file' ? NAMED : AUTO;
  const bytes = size?.value ?? usual.size;
  return sourced({ to, size: bytes <= 0 ? null : bytes, keep: keep?.value ?? usual.keep }, from);
}

function destination(text: string, directory: string): OutputTo {
  const word = text.trim();
  if (STDOUT.test(word)) return { kind: 'tree', stream: 'stdout' };
  if (STDERR.test(word)) return { kind: 'tree', stream: 'stderr' };
  if (word === '/dev/null' || /^(none|off)$/i.test(word)) return { kind: 'nowhere' };
  if (/^(auto|syslog)$/i.test(word)) return { kind: 'log' };
  return { kind: 'file', path: posix.resolve(directory, word) };
}
