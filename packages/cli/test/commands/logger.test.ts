import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitingBytes } from '@muster/posix/poll';
import { BOUNDED } from '@muster/posix/test/bounded';
import { eventually } from '@muster/posix/test/eventually';
import { everythingIn } from '@muster/tree/test/logger/read-log';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const rcLogger = (...words: string[]) => [MAIN, 'logger', ...words];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-logger-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const logged = () => everythingIn(join(root, 'log'));

describe('rc-logger', () => {
  it('writes what comes until the end of its input', () => {
    const { status, stderr } = spawnSync(process.execPath, rcLogger('-t', 'none', '-p', 'web:', join(root, 'log')), {
      ...BOUNDED,
      input: 'one\ntwo\nthree',
      encoding: 'utf8',
    });
    expect([status, stderr, logged()]).toEqual([0, '', 'web: one\nweb: two\nweb: three\n']);
  });

  it('selects by the last directive that matches', () => {
    const words = rcLogger('-t', 'none', '--exclude=debug', '--include=debug.*!', join(root, 'log'));
    spawnSync(process.execPath, words, { ...BOUNDED, input: 'a\ndebug\ndebug !\n' });
    expect(logged()).toBe('a\ndebug !\n');
  });

  it.each([
    [[], 'one directory is needed'],
    [['-s', '12', '/tmp/x'], 'size must be a number of bytes from 4096, like 65536, 64K or 1M'],
    [['--include=(', '/tmp/x'], '( is not a regular expression'],
    [['-t', 'gmt', '/tmp/x'], 'timestamp must be one of iso, tai64n, none'],
  ])('refuses %j', (words, message) => {
    const { status, stderr } = spawnSync(process.execPath, rcLogger(...words), {
      ...BOUNDED,
      encoding: 'utf8',
      input: '',
    });
    expect([status, stderr]).toEqual([100, `rc-logger: ${message}\n  see rc-logger --help\n`]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'loses and repeats nothing for %s, again and again, with its pipe held open',
    async (signal) => {
      const pipe = join(root, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const held = openSync(pipe, 'r+');
      const over = join(root, 'over');
      const start = (): ChildProcess => {
        const line = `exec 0<>"$1"; shift; exec "$@"`;
        const words = rcLogger('-t', 'none', '-s', '20000', '-n', '1000', join(root, 'log'));
        return spawn('sh', ['-c', line, 'sh', pipe, process.execPath, ...words], {
          stdio: ['ignore', 'ignore', 'inherit'],
        });
      };
      // Goes on until it is told: every logger has something to write before it is killed.
      const lines =
        'n=0; until [ -e "$2" ]; do n=$((n+1)); echo $n; [ $((n % 500)) != 0 ] || sleep 0.02; done; echo end $n';
      spawn('sh', ['-c', `exec >"$1"; ${lines}`, 'sh', pipe, over]);
      for (let round = 0; round < 8; round++) {
        const before = logged().length;
        const logger = start();
        await eventually('something in the log', () => logged().length > before);
        logger.kill(signal);
        const [code, died] = await once(logger, 'exit');
        expect(code ?? died).toBe(signal === 'SIGTERM' ? 0 : signal);
      }
      writeFileSync(over, '');
      const last = start();
      await eventually('the last line', () => /^end/m.test(logged()));
      last.kill('SIGTERM');
      await once(last, 'exit');
      closeSync(held);
      const said = logged().trimEnd().split('\n');
      const count = said.length - 1;
      expect(said).toEqual([...Array.from({ length: count }, (_, i) => `${i + 1}`), `end ${count}`]);
    },
  );

  it('writes the two halves of a line as one, also when they come to two loggers', async () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const held = openSync(pipe, 'r+');
    const words = rcLogger('-t', 'none', join(root, 'log'));
    const start = () => spawn('sh', ['-c', 'exec 0<>"$1"; shift; exec "$@"', 'sh', pipe, process.execPath, ...words]);
    const first = start();
    writeSync(held, 'whole\nha');
    await eventually('the whole line', () => logged() === 'whole\n');
    first.kill('SIGKILL');
    await once(first, 'exit');
    writeSync(held, 'lf\n');
    const second = start();
    await eventually('the other', () => logged() === 'whole\nhalf\n');
    second.kill('SIGTERM');
    await once(second, 'exit');
    closeSync(held);
  });

  it('loses nothing when somebody else reads its pipe too', async () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const held = openSync(pipe, 'r+');
    const line = 'exec 0<>"$1"; shift; exec "$@"';
    const loggers = ['log', 'other'].map((name) =>
      spawn('sh', ['-c', line, 'sh', pipe, process.execPath, ...rcLogger('-t', 'none', join(root, name))]),
    );
    for (const name of ['log', 'other']) await eventually('its start', () => existsSync(join(root, name, 'current')));
    const numbers = Array.from({ length: 50_000 }, (_, index) => index);
    execFileSync('sh', ['-c', 'seq 0 49999 >"$1"; echo end >"$1"', 'sh', pipe]);
    await eventually('the end of what is in the pipe', () => waitingBytes(held) === 0);
    for (const logger of loggers) {
      logger.kill('SIGTERM');
      await once(logger, 'exit');
    }
    closeSync(held);
    const all = ['log', 'other'].map((name) => readFileSync(join(root, name, 'current'), 'utf8')).join('');
    // A line may be in pieces where one logger took its beginning: by their length the bytes are all there.
    expect(all.replaceAll('\n', '').length).toBeGreaterThanOrEqual(numbers.join('').length + 'end'.length);
  });

  it('empties its pipe before it ends', async () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const held = openSync(pipe, 'r+');
    const words = rcLogger('-t', 'none', join(root, 'log'));
    const logger = spawn('sh', ['-c', 'exec 0<>"$1"; shift; exec "$@"', 'sh', pipe, process.execPath, ...words]);
    await eventually('its start', () => existsSync(join(root, 'log/current')));
    logger.kill('SIGSTOP');
    const text = `${Array.from({ length: 5000 }, (_, i) => `line ${i}`).join('\n')}\n`;
    writeSync(held, text);
    logger.kill('SIGTERM');
    logger.kill('SIGCONT');
    await once(logger, 'exit');
    closeSync(held);
    expect(logged()).toBe(text);
  });
});
