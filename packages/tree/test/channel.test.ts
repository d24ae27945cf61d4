/** The aggregated channel: every service through one FIFO. */
import { closeSync, constants, existsSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { makeFifo, openFifoForWriting, writeToFifo } from '@muster/posix/fifo';
import { libc } from '@muster/posix/libc';
import { eventually } from '@muster/posix/test/eventually';
import { embedded } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, beforeEach, expect, test } from 'vitest';

const F_SETPIPE_SZ = 1031;

let stage: Stage;
beforeEach(() => {
  stage = new Stage(embedded);
});
afterEach(() => stage.down());

/** Hears what a FIFO tells, without waiting. */
class Ear {
  heard = '';
  ended = false;
  readonly #fifo: number;

  constructor(readonly path: string) {
    makeFifo(path, 0o600);
    this.#fifo = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  listen(): string {
    const bytes = Buffer.alloc(65_536);
    try {
      const length = readSync(this.#fifo, bytes, 0, bytes.length, null);
      // Before the tree has opened it, there is nobody who could write.
      this.ended = length === 0 && this.heard !== '';
      this.heard += bytes.toString('utf8', 0, length);
    } catch {
      // Nothing new.
    }
    return this.heard;
  }

  /** Leaves room for a page. */
  shrink(): void {
    expect(libc().fcntl(this.#fifo, F_SETPIPE_SZ, 4096)).toBe(4096);
  }

  close(): void {
    closeSync(this.#fifo);
  }
}

function tell(line: string): void {
  const control = openFifoForWriting(join(stage.rig.scandir, '.rc-svscan/control'))!;
  expect(writeToFifo(control, Buffer.from(line))).toBe('written');
  closeSync(control);
}

test('commands for several services, and their events, in order', async () => {
  const { rig } = stage;
  for (const name of ['a b', 'c']) rig.add(name, { files: { down: '', 'notification-fd': '3\n' } });
  await stage.up('a b', 'c');
  const ear = new Ear(join(rig.scandir, '.rc-svscan/event/mine'));
  await eventually('the greeting', () => ear.listen() === 's .\n');
  tell('u a b\nuO c\nu nobody\n');
  await stage.becomes('a b', 'up', 'true');
  await rig.told('run', 'c');
  rig.order('a b', 'ready');
  rig.order('c', 'exit 0');
  await eventually('the events', () => ear.listen().includes('U a b\n') && ear.heard.includes('D c\n'));
  const lines = ear.heard.split('\n');
  expect(lines.filter((line) => line.endsWith(' a b'))).toEqual(['u a b', 'U a b']);
  expect(lines.filter((line) => line.endsWith(' c'))).toEqual(['u c', 'd c', 'D c']);
  ear.close();
});

test('a FIFO that is opened first and then moved there is a subscriber too', async () => {
  const { rig } = stage;
  rig.add('web');
  await stage.up('web');
  const path = join(rig.root, 'fifo');
  const ear = new Ear(path);
  renameSync(path, join(rig.scandir, '.rc-svscan/event/fifo'));
  await eventually('the greeting', () => ear.listen() === 's .\n');
  ear.close();
});

test('a reader that is too slow sees the end, and hinders nobody', async () => {
  const { rig } = stage;
  rig.add('web', { files: { 'restart-delay': '0\n' }, run: 'exit 0' });
  await stage.up('web');
  const slow = new Ear(join(rig.scandir, '.rc-svscan/event/slow'));
  slow.shrink();
  await eventually('its FIFO is removed', () => !existsSync(slow.path));
  await eventually('the end of the file', () => {
    slow.listen();
    return slow.ended;
  });
  expect(slow.heard.endsWith('\n')).toBe(true);
  slow.close();
  const before = rig.journal('run', 'web').length;
  await rig.told('run', 'web', before + 1);
});

test('a subscriber that goes away is forgotten', async () => {
  const { rig } = stage;
  rig.add('web');
  await stage.up('web');
  const ear = new Ear(join(rig.scandir, '.rc-svscan/event/gone'));
  await eventually('the greeting', () => ear.listen() === 's .\n');
  ear.close();
  stage.svc('web', '-wd', '-d');
  await eventually('its FIFO is removed', () => !existsSync(ear.path));
});
