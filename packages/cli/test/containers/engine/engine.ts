/**
 * Containers for tests. A test describes an image and runs it; behind the interface is podman with runc, or, where that is not to be
 * had, `unshare` with namespaces and a root directory of the same content. Everything that an engine has made is gone after `dispose`,
 * and what a killed test run left is removed by the next one.
 */
import type { Image } from './image.ts';

export interface RunOptions {
  /** After the entry point of the image. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `1000:1000`. */
  readonly user?: string;
  /** The root file system, without anything writable that was not asked for. */
  readonly readOnly?: boolean;
  /** Where a tmpfs is mounted. */
  readonly tmpfs?: readonly string[];
  /** What is bind-mounted, by its place in the container. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Instead of what the image says. */
  readonly entrypoint?: string;
  /** Standard input, which then ends. Without it, /dev/null. */
  readonly input?: string;
  /** A container in whose PID namespace this one is. */
  readonly pidOf?: Container;
  /** Further options of `podman run`; a test that gives some runs with podman only. */
  readonly podman?: readonly string[];
}

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly name: string;
  /** What was written so far, over all starts. */
  stdout(): string;
  stderr(): string;
  /** Waits for a line of either. Fails with everything that was said if the container ends first. */
  line(pattern: RegExp): Promise<string>;
  exec(command: readonly string[], options?: ExecOptions): Promise<Answer>;
  /** `SIGTERM`, `SIGRTMIN+3`. */
  kill(signal: string): Promise<void>;
  /** The engine's own stop: TERM to process 1, and KILL `seconds` later if it is still there. */
  stop(seconds: number): Promise<void>;
  /** The exit status, once it has ended: 128 + signal if that was it. */
  ended(): Promise<number>;
  /** The same container once more, with what it has written to its root. */
  start(): Promise<void>;
  /** The process that the engine has started, by its pid out here; 0 if none runs. */
  pid(): Promise<number>;
}

export interface Engine {
  readonly name: 'podman' | 'unshare';
  run(image: Image, options?: RunOptions): Promise<Container>;
  dispose(): Promise<void>;
}
