/** Waiting for what a container says or for its end: a failure tells everything that it has said. */
import { eventually, PATIENCE } from '@muster/posix/test/eventually';
import type { Container } from './engine.ts';

export async function lineOf(container: Container, pattern: RegExp): Promise<string> {
  const find = () => `${container.stdout()}\n${container.stderr()}`.split('\n').find((line) => pattern.test(line));
  let over = false;
  return eventually(`a line like ${pattern}`, async () => {
    const found = find();
    if (found !== undefined) return found;
    // Looked at once more after the end: what was said last may have been written since.
    if (over) throw new Error(`the container ended before it said ${pattern}:\n${saidBy(container)}`);
    over = (await container.pid()) === 0;
    return null;
  }).catch((error) => {
    throw new Error(`${(error as Error).message}\n${saidBy(container)}`);
  });
}

export async function untilEnded(container: Container, wait: () => Promise<number>): Promise<number> {
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`it does not end:\n${saidBy(container)}`)), PATIENCE);
    timer.unref();
  });
  return Promise.race([wait(), late]);
}

const saidBy = (container: Container) => `stdout:\n${container.stdout()}stderr:\n${container.stderr()}`;
