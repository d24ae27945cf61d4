/** What the kinds of packages have in common. */
import { spawnSync } from 'node:child_process';

export interface Target {
  /** The directory that packages are written to. */
  readonly out: string;
  readonly arch: Architecture;
  /** Of compression: 1 to 9; 0 is as little as can be. */
  readonly level: number;
  /** That of everything in a package, so that the same commit gives the same bytes. */
  readonly date: Date;
}

/** The same machine in the words of npm and Debian. */
export interface Architecture {
  readonly npm: string;
  readonly debian: string;
}

/** This machine's. Throws if there is no Muster for it. */
export function thisArchitecture(): Architecture {
  const debian = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (process.platform !== 'linux' || debian === undefined)
    throw new Error(`no packages are made on ${process.platform} ${process.arch}`);
  return { npm: process.arch, debian };
}

/** Returns what it prints. Throws with what it complains about if it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, [...args], {
    encoding: 'utf8',
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${status}\n${stderr}`);
  return stdout;
}
