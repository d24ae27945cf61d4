/**
 * Processes that live long make no threads. JavaScriptCore's helpers (collector, compilers, its allocator's) end when they
 * are idle and are made anew on demand; where the kernel has none to give (RLIMIT_NPROC, pids.max), the engine aborts. Its
 * options are read from the environment once, when it starts: so such a process executes itself again with them, at the
 * head of its environment, where `originalEnvironment` knows them again and leaves them out.
 */
import { readFileSync } from 'node:fs';
import { passOnInheritedDescriptors } from './descriptors.ts';
import { ENGINE_OPTIONS, originalEnvironment, withEngineOptions } from './environment.ts';
import { SystemError } from './libc.ts';
import { originalOpenFilesLimit } from './limits.ts';
import { runtime } from './runtime/runtime.ts';
import { Spawner } from './spawn.ts';

/** To be called before anything else is done. Returns once there are no threads but this one. */
export function runWithoutThreads(): void {
  runtime.expectMuchWork();
  if (Object.entries(ENGINE_OPTIONS).every(([name, value]) => process.env[name] === value)) return;
  executeAgain([]);
}

/** Becomes the same program, with `added` to its command line, and without threads. Returns if that cannot be: it runs as it is. */
export function executeAgain(added: readonly string[]): void {
  passOnInheritedDescriptors();
  const spawner = new Spawner(originalOpenFilesLimit(), withEngineOptions(originalEnvironment()));
  const argv = [...ownArguments(), ...added];
  // By its path first: a program that is executed as /proc/self/exe does not know its own.
  for (const path of [process.execPath, '/proc/self/exe']) {
    try {
      spawner.become(path, argv);
    } catch (error) {
      // Without threads to be had that is a danger, and until then it is well.
      if (!(error instanceof SystemError)) throw error;
    }
  }
}

function ownArguments(): Uint8Array[] {
  const bytes = readFileSync('/proc/self/cmdline');
  const words: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    const next = end === -1 ? bytes.length : end;
    words.push(bytes.subarray(start, next));
    start = next + 1;
  }
  return words;
}
