/** Who listens hears of everything, in order. */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { makeFifo } from '@muster/posix/fifo';
import { PATIENCE } from '@muster/posix/test/eventually';
import { tai64nDigits } from '@muster/protocol/s6/tai64n';
import { expect, test } from 'vitest';
import { s6 } from '../rig.ts';
import { onEveryBackend } from './suite.ts';

/** For s6's tools. */
const LONG = String(PATIENCE);

/** Of the form that s6 notifies. */
function subscriptionName(): string {
  let random = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(6))) random += String.fromCharCode(97 + (byte % 26));
  return `ftrig1:@${tai64nDigits(Date.now())}:${random}`;
}

/** Subscribes as s6 does. */
class Listener {
  readonly #fifo: number;
  #heard = '';

  constructor(directory: string) {
    const path = join(directory, 'event', subscriptionName());
    makeFifo(path, 0o600);
    this.#fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  heard(): string {
    const bytes = Buffer.alloc(256);
    try {
      this.#heard += bytes.toString('latin1', 0, readSync(this.#fifo, bytes, 0, bytes.length, null));
    } catch {
      // Nothing new.
    }
    // The supervisor answers just before it tells that it has started.
    return this.#heard.replace(/^s/, '');
  }

  async hears(letters: string): Promise<void> {
    await expect.poll(() => this.heard(), { timeout: PATIENCE }).toBe(letters);
  }

  close(): void {
    closeSync(this.#fifo);
  }
}

onEveryBackend((stage) => {
  test('start, readiness, death, end of finish', async () => {
    const { rig } = stage();
    const directory = rig.add('web', { files: { 'notification-fd': '4\n', down: '' }, finish: true });
    await stage().up('web');
    const listener = new Listener(directory);
    stage().svc('web', '-o');
    await rig.told('run', 'web');
    rig.order('web', 'ready');
    await stage().becomes('web', 'ready', 'true');
    rig.order('web', 'exit 0');
    await listener.hears('uUdD');
    listener.close();
  });

  test('permanent failure, and exit of the supervisor', async () => {
    const { rig } = stage();
    const directory = rig.add('web', { files: { down: '' }, finish: 'exit 125' });
    await stage().up('web');
    const listener = new Listener(directory);
    stage().svc('web', '-u');
    await rig.told('run', 'web');
    rig.order('web', 'exit 0');
    await listener.hears('udOD');
    stage().svc('web', '-x');
    await listener.hears('udODxs');
    listener.close();
  });

  test('a death without finish is down and done at once', async () => {
    const { rig } = stage();
    const directory = rig.add('web', { files: { down: '' } });
    await stage().up('web');
    const listener = new Listener(directory);
    stage().svc('web', '-o');
    await rig.told('run', 'web');
    rig.order('web', 'exit 0');
    await listener.hears('udD');
    listener.close();
  });

  test('a FIFO whose reader is gone is removed, one that is full is left', async () => {
    const { rig } = stage();
    const directory = rig.add('web', { files: { down: '' } });
    await stage().up('web');
    const gone = join(directory, 'event', subscriptionName());
    makeFifo(gone, 0o600);
    const listener = new Listener(directory);
    stage().svc('web', '-wu', '-o');
    await listener.hears('u');
    expect(() => readFileSync(gone)).toThrow('ENOENT');
    listener.close();
  });

  test('s6-svwait, s6-svlisten, s6-ftrig-listen1', async () => {
    const { rig } = stage();
    const directory = rig.add('web', { files: { 'notification-fd': '4\n', down: '' } });
    await stage().up('web');
    const svc = (letters: string) => ['s6-svc', letters, directory];
    // A block, as execline passes it: each word after a blank, then an empty word.
    expect(s6('s6-svlisten', '-u', '-t', LONG, ` ${directory}`, '', ...svc('-u'))).toMatchObject({ status: 0 });
    const waiting = spawn('s6-svwait', ['-U', '-t', LONG, directory]);
    const waited = new Promise((resolve) => waiting.once('exit', resolve));
    await stage().told('run', 'web');
    rig.order('web', 'ready');
    expect(await waited).toBe(0);
    expect(s6('s6-svlisten1', '-d', '-t', LONG, directory, ...svc('-d')).status).toBe(0);
    const listened = s6('s6-ftrig-listen1', '-t', LONG, join(directory, 'event'), 'u', ...svc('-u'));
    expect(listened).toMatchObject({ status: 0, stdout: 'u\n' });
    expect(s6('s6-svwait', '-u', '-t', LONG, directory).status).toBe(0);
  });
});
