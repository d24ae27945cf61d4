/**
 * Somebody with an account on the machine and no rights: again and again he writes to every FIFO and file, locks every file,
 * reads everything and signals every process that he can. What he must not be able to do he reports, a line each.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** Nobody's: not the user of any service. */
const USER = 65_533;

/** In a file that only its owner may read. */
export const SECRET = 'a-key-that-is-nobody-elses';

const SCRIPT = `
while :; do
  find "$1" -type p 2>/dev/null | while IFS= read -r fifo; do
    (printf 'dxkOu\\0\\377\\0' 1<>"$fifo") 2>/dev/null && echo "wrote to the FIFO $fifo"
  done
  find "$1" -type f 2>/dev/null | while IFS= read -r file; do
    (: >> "$file") 2>/dev/null && echo "wrote to $file"
    case $file in
      */lock|*.lock|*/locks/*) (exec 9< "$file" && flock -s -n 9) 2>/dev/null && echo "locked $file" ;;
    esac
  done
  grep -rlsF -e "$2" "$1" 2>/dev/null | while IFS= read -r file; do echo "read the secret in $file"; done
  for process in /proc/[0-9]*; do
    [ -O "$process" ] || kill -CONT "\${process#/proc/}" 2>/dev/null || continue
    # One of his own that has just changed its user belongs to root in /proc until it executes something.
    while read -r key real rest; do
      [ "$key" != Uid: ] || [ "$real" = "$3" ] || echo "signalled $process"
    done 2>/dev/null < "$process/status"
  done
  sleep 0.5
done
`;

/** Begins, until killed with its whole group. `report` gets each thing that should not have been possible. */
export function intrude(root: string, report: (breach: string) => void): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'intruder', root, SECRET, String(USER)], {
    uid: USER,
    gid: USER,
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let rest = '';
  child.stdout!.on('data', (bytes) => {
    const lines = `${rest}${bytes}`.split('\n');
    rest = lines.pop()!;
    for (const line of lines) report(line);
  });
  return child;
}
