/** How the process of a script is started: what it has open, what it finds in its environment, what is written before. */
import { closeSync, constants } from 'node:fs';
import { openOwn, readRegularText } from '@muster/posix/regular-file';
import type { RunningScript } from '@muster/protocol/oneshots/protocol';
import { exitOf } from '@muster/protocol/s6/status';
import { EXIT_FILE, INSTANCE_FILE } from '@muster/store/live/service-files';
import type { Processes } from '../processes.ts';
import type { ServiceOutput } from '../service/host.ts';
import { leftBehind, type ScriptEnd, withoutShell } from './command.ts';
import type { HostedOneshot, Order } from './oneshot.ts';

export interface ScriptHost {
  readonly processes: Pick<Processes, 'start'>;
  /** Takes what scripts write; undefined if they write where the runner does. */
  readonly output?: ServiceOutput | undefined;
}

/**
 * Saved before as well as after the start, so that a runner which dies in between leaves a trace of it. The file for the
 * exit status is there before the script runs: else it might not be known how it ended. `live`: the live directory. Throws what
 * the system says.
 */
export function startScript(
  { processes, output }: ScriptHost,
  live: string,
  oneshot: HostedOneshot,
  { action, request }: Order,
  argv: readonly (string | Uint8Array)[],
  ended: (exit: ScriptEnd) => void,
): RunningScript {
  const { name, directory, console } = oneshot;
  const begun = { pid: 0, startTime: 0, since: Date.now(), killAt: 0 };
  const running = { action, request, ...begun, console: console?.kind ?? null };
  const lent = console?.descriptors ?? [];
  let caught: number | undefined;
  let errors: number | undefined;
  try {
    const flags = constants.O_WRONLY | constants.O_TRUNC;
    closeSync(openOwn(`${directory}/${EXIT_FILE}`, { flags, mode: 0o644 }).descriptor);
    oneshot.announce(running);
    caught = output?.open(name);
    errors = output?.openErrors?.(name);
    // A terminal that it has borrowed goes before.
    const free = [1, 2].filter((number) => !lent.some(([, scripts]) => scripts === number));
    const own =
      caught === undefined ? [] : free.map((number) => [number === 2 ? (errors ?? caught!) : caught!, number] as const);
    const environment = { RC_NAME: name, RC_ACTION: action, RC_LIVE: live, ...instanceOf(directory) };
    const words = withoutShell(argv) ?? argv;
    const child = { path: String(words[0]), argv: words, directory: '/', descriptors: [...lent, ...own], environment };
    const started = processes.start(child, (waitStatus) =>
      ended(leftBehind(directory)?.exit ?? (waitStatus === null ? null : exitOf(waitStatus))),
    );
    return { ...running, ...started };
  } finally {
    for (const opened of [caught, errors]) if (opened !== undefined) closeSync(opened);
    console?.begun();
  }
}

function instanceOf(directory: string): Record<string, string> {
  try {
    return { RC_INSTANCE: readRegularText(`${directory}/${INSTANCE_FILE}`).trimEnd() };
  } catch {
    return {};
  }
}
