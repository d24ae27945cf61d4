/** A scandir with a real s6-svscan on it. */
import { mkdirSync } from 'node:fs';

/** Runs `work` while s6-svscan, with room for `services`, supervises `scandir`. Its session is the caller's. */
export async function withS6<T>(scandir: string, services: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(scandir, { recursive: true });
  // Debian's takes -c; newer ones take -C.
  const isDebians = Bun.spawnSync(['s6-svscan', '-c', '2', '/nowhere']).exitCode === 111;
  const most = [isDebians ? '-c' : '-C', String(services + 50)];
  const tree = Bun.spawn(['s6-svscan', ...most, scandir], { stdio: ['ignore', 'ignore', 'ignore'] });
  while (Bun.spawnSync(['s6-svscanctl', '-z', scandir]).exitCode !== 0) await Bun.sleep(5);
  try {
    return await work();
  } finally {
    Bun.spawnSync(['s6-svscanctl', '-t', scandir]);
    await tree.exited;
  }
}

/** Throws if `command` fails. */
export function must(command: readonly string[]): void {
  const ran = Bun.spawnSync([...command], { stdout: 'ignore', stderr: 'pipe' });
  if (ran.exitCode !== 0) throw new Error(`${command.join(' ')}: ${ran.exitCode} ${ran.stderr}`);
}
