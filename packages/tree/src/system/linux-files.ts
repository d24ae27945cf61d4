/** The small files of supervision, on the disks of this machine. */
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { namesIn } from '@muster/posix/absence';
import { makeFifo } from '@muster/posix/fifo';
import { openOwn, openRegular, readOpened, readRegular } from '@muster/posix/regular-file';
import { replaceFile } from '@muster/posix/replace-file';
import { notifyFifodir } from '@muster/protocol/s6/fifodir';
import { takeControl } from './control-pipe.ts';
import type { Files } from './system.ts';

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;

const beginning = Buffer.alloc(255);
const notes = Buffer.alloc(4096);

export const linuxFiles: Files = {
  namesIn,
  inodeOf: (directory) => statSync(directory).ino,
  realPath: (path) => realpathSync(path),
  exists: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  modifiedAt: (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs,
  readBeginning: (path) => {
    const file = openSync(path, O_RDONLY | O_NONBLOCK);
    try {
      return beginning.toString('utf8', 0, readSync(file, beginning, 0, beginning.length, 0));
    } finally {
      closeSync(file);
    }
  },
  read: (path) => readRegular(path),
  replace: (path, bytes) => replaceFile(path, bytes, { policy: 'overwrite when full', mode: 0o666 }),
  make: (path) => closeSync(openOwn(path, { flags: O_WRONLY, mode: 0o644 }).descriptor),
  makeEmpty: (path) => closeSync(openOwn(path, { flags: O_WRONLY | O_TRUNC, mode: 0o666 }).descriptor),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  touch: (path) => {
    closeSync(openRegular(path, { flags: O_WRONLY | O_CREAT, mode: 0o644, follow: true }).descriptor);
  },
  unlink: (path) => unlinkSync(path),
  openSlots: (path) => {
    const file = openOwn(path, { flags: O_RDWR, mode: 0o600 });
    return {
      bytes: readOpened(file, path),
      write: (bytes, from, length, at) => {
        writeSync(file.descriptor, bytes, from, length, at);
      },
      close: () => closeSync(file.descriptor),
    };
  },
  takeControl,
  notifyFifodir,
  makeFifo: (path) => {
    unlinkQuietly(path);
    makeFifo(path, 0o600);
  },
  openFifo: (path) => openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW),
  openFifoBothWays: (path) => openSync(path, O_RDWR),
  readFifo: (descriptor) => {
    try {
      return notes.subarray(0, readSync(descriptor, notes, 0, notes.length, null));
    } catch {
      return null;
    }
  },
  fifoTime: (descriptor) => fstatSync(descriptor).mtimeMs,
  setFifoTime: (descriptor, time) => futimesSync(descriptor, time / 1000, time / 1000),
  stampsFifos,
  close: (descriptor) => closeSync(descriptor),
};

function stampsFifos(path: string): boolean {
  const trial = `${path}.trial`;
  try {
    linuxFiles.makeFifo(trial);
    const fifo = openSync(trial, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
    try {
      futimesSync(fifo, 0, 0);
      writeSync(fifo, '\n');
      return fstatSync(fifo).mtimeMs !== 0;
    } finally {
      closeSync(fifo);
    }
  } catch {
    return false;
  } finally {
    unlinkQuietly(trial);
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There was none.
  }
}
