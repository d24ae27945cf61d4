/**
 * What the catch-all keeps for each service, however much others write. A file of the log that is about to be erased may hold
 * the only line that says why a service failed: the last lines that each service has in it go to `reserve` before, which
 * readers take for the oldest file of the log.
 */
import { join } from 'node:path';
import { readRegularText } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { labelled } from '@muster/protocol/logs/label';
import { RESERVE } from '@muster/protocol/logs/log-directory';

/** For each service; of a longer line at least that one. */
const LINES = 20;
const BYTES = 4096;

interface Room {
  lines: number;
  bytes: number;
}

/** `path`: of the file that goes, in `directory`. `isKnown`: of which services lines are kept. Throws ErrnoException. */
export function keepLastLines(directory: string, path: string, isKnown: (service: string) => boolean): void {
  const lines = [...linesIn(join(directory, RESERVE)), ...linesIn(path)];
  const left = new Map<string, Room>();
  const chosen: string[] = [];
  for (const line of lines.reverse()) {
    // Its time goes before the label.
    const { service } = labelled(line.slice(line.indexOf(' ') + 1));
    const room = left.get(service);
    if (room === undefined ? !isKnown(service) : room.lines === 0 || room.bytes < line.length) continue;
    left.set(service, { lines: (room?.lines ?? LINES) - 1, bytes: (room?.bytes ?? BYTES) - line.length });
    chosen.push(line);
  }
  const text = chosen.reverse().map((line) => `${line}\n`);
  replaceFile(join(directory, RESERVE), text.join(''), { policy: 'overwrite when full', mode: 0o666 });
}

/** None of a file that is not there, or is none. */
function linesIn(path: string): string[] {
  try {
    return readRegularText(path).split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
