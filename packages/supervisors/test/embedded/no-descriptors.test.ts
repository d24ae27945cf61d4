/** A client that has no descriptors left to subscribe with goes on without being told, and leaves nothing. */
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFilesLimit, setOpenFilesLimit } from '@muster/posix/limits';
import { ChannelClient } from '@muster/supervisors/embedded/channel-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-channel-'));
  mkdirSync(join(directory, 'event'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** All that there are, as far as the limit allows. */
function takeDescriptors(): number[] {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    return taken;
  }
}

/** Does `work` with so many descriptors to spare, and returns how many of them there are afterwards. */
function withDescriptors(spare: number, work: () => void): number {
  const limit = openFilesLimit();
  setOpenFilesLimit({ ...limit, soft: 256n });
  const taken = takeDescriptors();
  try {
    for (const descriptor of taken.splice(0, spare)) closeSync(descriptor);
    work();
    const left = takeDescriptors();
    taken.push(...left);
    return left.length;
  } finally {
    setOpenFilesLimit(limit);
    for (const descriptor of taken) closeSync(descriptor);
  }
}

test.each([0, 1])('with %i of the two that it takes', (spare) => {
  const fail = () => expect.unreachable();
  const client = new ChannelClient(directory, { opened: fail, changed: fail, lost: fail, refused: fail });
  let isOpen: boolean | null = null;
  const left = withDescriptors(spare, () => {
    isOpen = client.open();
  });
  expect(isOpen).toBe(false);
  expect(client.isWithoutRoom).toBe(true);
  expect(left).toBe(spare);
  expect(readdirSync(join(directory, 'event'))).toEqual([]);
  // As soon as there are some again.
  expect(client.open()).toBe(true);
  expect(client.isWithoutRoom).toBe(false);
  client.close();
});
