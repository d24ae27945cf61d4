/** Sources to measure with: made-up services that need each other in layers or in a chain. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputFileSync } from 'fs-extra/esm';

export const PAUSE = '#!/bin/sh\nexec sleep 1000000\n';

/** In RAM, if there is a place for that. */
export function benchDirectory(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'muster-bench-'));
}

/** Each service needs two or three of the layer before; a bundle `all` holds everything. */
export function makeLayers(source: string, services: number, { run = PAUSE } = {}): void {
  const width = Math.max(2, Math.ceil(Math.sqrt(services)));
  makeServices(source, services, run, (i) => {
    const layer = Math.floor(i / width);
    if (layer === 0) return [];
    const start = (layer - 1) * width;
    const wanted = 2 + (i % 2);
    return Array.from({ length: Math.min(wanted, width) }, (_, k) => start + ((i * 7 + k * 13) % width));
  });
}

/** Each service needs the one before. */
export function makeChain(source: string, services: number, { run = PAUSE } = {}): void {
  makeServices(source, services, run, (i) => (i === 0 ? [] : [i - 1]));
}

function makeServices(source: string, count: number, run: string, needs: (i: number) => readonly number[]): void {
  const name = (i: number) => `service-${String(i).padStart(6, '0')}`;
  outputFileSync(join(source, 'all/type'), 'bundle\n');
  for (let i = 0; i < count; i++) {
    const place = `${source}/${name(i)}`;
    outputFileSync(`${place}/type`, 'longrun\n');
    outputFileSync(`${place}/run`, run);
    outputFileSync(`${source}/all/contents.d/${name(i)}`, '');
    for (const other of new Set(needs(i))) outputFileSync(`${place}/dependencies.d/${name(other)}`, '');
  }
}
