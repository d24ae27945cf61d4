/** The environment that this process was given, without what it has put there for its own engine. */
import { readFileSync } from 'node:fs';

/** With these JavaScriptCore makes no threads (engine.ts): neither for collecting, nor for compiling, nor to have memory ready. */
export const ENGINE_OPTIONS = {
  BUN_JSC_useConcurrentGC: '0',
  BUN_JSC_numberOfGCMarkers: '1',
  BUN_JSC_useConcurrentJIT: '0',
  BUN_JSC_useWarmUpMarkedBlocks: '0',
} as const;

const HEAD = Buffer.from(
  Object.entries(ENGINE_OPTIONS)
    .map(([name, value]) => `${name}=${value}\0`)
    .join(''),
);

/** Byte for byte as this process got it: entries ended by NUL. */
export function originalEnvironment(): Uint8Array {
  const given = readFileSync('/proc/self/environ');
  const isMarked = Buffer.compare(HEAD, given.subarray(0, HEAD.length)) === 0;
  return isMarked ? given.subarray(HEAD.length) : given;
}

/** They come first, so that they hold whatever follows, and what follows can be given to others as it was. */
export function withEngineOptions(environment: Uint8Array): Uint8Array {
  return Buffer.concat([HEAD, environment]);
}
