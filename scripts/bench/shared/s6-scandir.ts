/** A scandir with a real s6-svscan on it. */
import { mkdirSync } from 'node:fs';

/** Runs `work` while s6-svscan, with room for `services`, supervises `scandir`. Its session is the caller's. */
export async function withS6<T>(scandir: string, services: number, work: () => Promise<T>): Promise<T> {
  const tree = await startS6(scandir, services);
  try {
    return await work();
  } finally {
    await tree.end();
  }
}

export interface S6Tree {
  readonly pid: number;
  end(): Promise<void>;
}

/** Resolves when s6-svscan looks at `scandir`. */
export async function startS6(scandir: string, services: number): Promise<S6Tree> {
  mkdirSync(scandir, { recursive: true });
  // Debian's takes -c; newer ones take -C.
  const isDebians = Bun.spawnSync(['s6-svscan', '-c', '2', '/nowhere']).exitCode === 111;
  const most = [isDebians ? '-c' : '-C', String(services + 50)];
  const tree = Bun.spawn(['s6-svscan', ...most, scandir], { stdio: ['ignore', 'ignore', 'ignore'] });
  while (Bun.spawnSync(['s6-svscanctl', '-z', scandir]).exitCode !== 0) await Bun.sleep(5);
  return {
    pid: tree.pid,
    end: async () => {
      Bun.spawnSync(['s6-svscanctl', '-t', scandir]);
      await tree.exited;
    },
  };
}

/** Throws if `command` fails. */
export function must(command: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
  const env = { ...process.env, ...environment };
  const ran = Bun.spawnSync([...command], { env, stdout: 'ignore', stderr: 'pipe' });
  if (ran.exitCode !== 0) throw new Error(`${command.join(' ')}: ${ran.exitCode} ${ran.stderr}`);
}
