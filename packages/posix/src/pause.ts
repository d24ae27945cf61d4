/** Waiting in which nothing else happens. */

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** For `milliseconds` this thread does nothing at all: for moments within which another process is about to act. */
export function pause(milliseconds: number): void {
  Atomics.wait(NEVER, 0, 0, milliseconds);
}
