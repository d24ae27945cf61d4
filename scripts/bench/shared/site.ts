/** A source with everything that the sides make of it, in RAM: what boots, what is updated, what is asked. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { leanRun } from './pause.ts';
import { must } from './s6-scandir.ts';
import { makeChain, makeLayers } from './trees.ts';

const BUILD = join(import.meta.dirname, '../../../build');

export type Shape = 'layers' | 'chain';

export class Site {
  readonly root: string;
  readonly source: string;
  readonly compiled: string;
  readonly live: string;

  constructor(directory: string, services: number, shape: Shape = 'layers') {
    this.root = join(directory, `${shape}-${services}`);
    this.source = join(this.root, 'source');
    this.compiled = join(this.root, 'compiled');
    this.live = join(this.root, 'live');
    mkdirSync(this.root, { recursive: true });
    const { run } = leanRun(this.root);
    (shape === 'layers' ? makeLayers : makeChain)(this.source, services, { run });
    this.muster('rc-compile', this.source, this.compiled);
  }

  /** Throws if it fails. */
  muster(command: string, ...args: readonly string[]): void {
    must([join(BUILD, command), ...args], { RC_LIVE: this.live, RC_COMPILED: this.compiled });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function isHere(program: string): boolean {
  return Bun.which(program) !== null;
}
