/** Containers with the trees of s6-overlay images in them, and what their scripts say, in one order, also after the end. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { outputFileSync } from 'fs-extra/esm';
import type { Container, Engine, RunOptions } from '../engine/engine.ts';
import type { Image, ImageFile } from '../engine/image.ts';
import { openEngine } from '../engine/open-engine.ts';

/** `say WORDS` is heard by the test. */
const SAY = '#!/bin/sh\necho "$*" >> /shared/said\n';
/** More than a busy machine needs: who is killed has not stopped right. */
const GRACE = { S6_SERVICES_GRACETIME: '60000', S6_KILL_GRACETIME: '60000', S6_KILL_FINISH_MAXTIME: '60000' };

/** A daemon that says when it starts, and stops as it is told. */
export const daemon = (name: string, interpreter = '/bin/sh') =>
  `#!${interpreter}\ntrap 'say ${name} stops; exit 0' TERM\nsay ${name} runs\nwhile :; do sleep 1000 & wait $!; done\n`;

/** Definitions below `/etc/s6-overlay/s6-rc.d`; lists of names in `needs` and `contents`. */
export function definitions(
  all: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>,
  directory = '/etc/s6-overlay/s6-rc.d',
): Record<string, ImageFile> {
  const files: Record<string, ImageFile> = {};
  const lists: Readonly<Record<string, string>> = { needs: 'dependencies.d', contents: 'contents.d' };
  for (const [name, entries] of Object.entries(all)) {
    for (const [entry, value] of Object.entries(entries)) {
      const path = `${directory}/${name}/${lists[entry] ?? entry}`;
      if (typeof value === 'string') files[path] = value;
      else for (const each of value) files[`${path}/${each}`] = '';
    }
  }
  return files;
}

/** What is in the `user` bundle. */
export const user = (...names: string[]) =>
  definitions({ user: { type: 'bundle\n', contents: names } }, '/etc/s6-overlay/user-bundles.d');

export class OverlayContainer {
  readonly container: Container;
  readonly #shared: string;

  constructor(container: Container, shared: string) {
    this.container = container;
    this.#shared = shared;
  }

  get said(): string[] {
    const path = join(this.#shared, 'said');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  }

  /**
   * Waits until all of them were said; fails if the container ends before. What daemons say as they begin may come in any order:
   * those that tell no readiness count as up before they have said anything.
   */
  async hears(...lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.#hears(line);
  }

  async #hears(line: string): Promise<void> {
    await eventually(`"${line}" is said`, async () => {
      if (this.said.includes(line)) return true;
      if ((await this.container.pid()) === 0 && !this.said.includes(line))
        throw new Error(`the container ended before "${line}"`);
      return false;
    }).catch((error) => {
      throw new Error(`${(error as Error).message}\nsaid: ${this.said.join('; ')}\n${this.container.stderr()}`);
    });
  }

  /** Stops it, and returns its exit status. */
  async stop(): Promise<number> {
    await this.container.stop(100);
    return this.container.ended();
  }

  shared(name: string): string {
    return join(this.#shared, name);
  }
}

export interface OverlayRunOptions extends RunOptions {
  readonly base?: Image['base'];
  /** Empty files that are in `/shared` before. */
  readonly given?: readonly string[];
}

export class OverlayRig {
  #engine: Engine | null = null;
  readonly #directories: string[] = [];

  async run(
    files: Record<string, ImageFile>,
    { base = 'busybox', given = [], ...options }: OverlayRunOptions = {},
  ): Promise<OverlayContainer> {
    this.#engine ??= await openEngine();
    const shared = mkdtempSync(join(tmpdir(), 'muster-shared-'));
    this.#directories.push(shared);
    // Services that run as other users get through.
    chmodSync(shared, 0o755);
    for (const name of given) outputFileSync(join(shared, name), '', { mode: 0o644 });
    const container = await this.#engine.run(
      { base, files: { '/usr/bin/say': SAY, ...files } },
      {
        ...options,
        environment: { ...GRACE, ...options.environment },
        volumes: { '/shared': shared, ...options.volumes },
      },
    );
    return new OverlayContainer(container, shared);
  }

  async dispose(): Promise<void> {
    await this.#engine?.dispose();
    for (const directory of this.#directories) rmSync(directory, { recursive: true, force: true });
  }
}
