/** Standard input of a logger, which is told to end by a signal: its pipe has no end of file as long as it is held. */
import { isReadable } from '@muster/posix/poll';

/**
 * Calls `take` with every chunk until the input ends or `told` resolves. Then what is in the pipe by that time is still
 * read.
 */
export async function readUntil(told: Promise<void>, take: (chunk: Uint8Array) => void): Promise<void> {
  const reader = Bun.file(0).stream().getReader();
  let isTold = false;
  const telling = told.then(() => {
    isTold = true;
  });
  for (;;) {
    const next = reader.read();
    await Promise.race([next, telling]);
    if (isTold && !(await hasMore(next))) break;
    const { done, value } = await next;
    if (done) break;
    take(value);
  }
  // A read that is under way would keep the process alive.
  await reader.cancel();
}

/** Something has been read already, or can be read without waiting. */
async function hasMore(next: Promise<unknown>): Promise<boolean> {
  if (isReadable(0)) return true;
  // What the stream has taken out of the pipe is delivered within a turn of the event loop.
  const nothing = Symbol('nothing');
  const turn = new Promise((resolve) => setImmediate(() => setImmediate(resolve, nothing)));
  return (await Promise.race([next, turn])) !== nothing;
}
