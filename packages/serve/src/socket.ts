/** The Unix socket on which a server listens: what a dead one has left is replaced, a live one is let alone. */

import { lstatSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { failure, type Result, success } from '@muster/core/result';

/** Bytes that the kernel takes for the path of a socket. */
const LONGEST = 107;

/** The problem is a text for people. */
export async function freeSocket(path: string): Promise<Result<null, string>> {
  const length = Buffer.byteLength(path);
  if (length > LONGEST) return failure(`${path} has ${length} bytes, and the path of a socket has at most ${LONGEST}`);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return success(null);
  if (!stats.isSocket()) return failure(`${path} is there, and is no socket`);
  if (await answers(path)) return failure(`another server listens on ${path}`);
  rmSync(path);
  return success(null);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
