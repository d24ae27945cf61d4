/** Both engines do the same, so that a test which passes with one of them means the same with the other. */
import { readFileSync } from 'node:fs';
import { processFacts } from '@muster/posix/process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from './engine.ts';
import type { Image } from './image.ts';
import { engineHere, openEngine } from './open-engine.ts';

const SHELL: Image = {
  base: 'busybox',
  entrypoint: ['/bin/sh', '-c'],
  files: {
    '/etc/words': 'some\nwords\n',
    '/bin/hello': '#!/bin/sh\necho hello\n',
    '/etc/link': { link: 'words' },
    '/srv/private': { directory: 0o700, owner: 1000 },
  },
};
const engines =
  engineHere === 'podman' ? (['podman', 'unshare'] as const) : engineHere === null ? [] : ([engineHere] as const);

describe.each(engines)('containers by %s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(name);
  });
  afterAll(() => engine.dispose());

  test('have the files of the image, the environment, and no network', async () => {
    const script =
      'cat /etc/link; hello; echo "$WORD"; stat -c "%a %u" /srv/private; ls /sys/class/net 2>/dev/null; echo $$';
    const container = await engine.run(SHELL, { args: [script], environment: { WORD: 'a b' } });
    expect(await container.ended()).toBe(0);
    expect(container.stdout().replace('lo\n1\n', '1\n')).toBe('some\nwords\nhello\na b\n700 1000\n1\n');
  });

  test('keep standard output and standard error apart', async () => {
    const container = await engine.run(SHELL, { args: ['echo out; echo err >&2; exit 7'] });
    expect(await container.ended()).toBe(7);
    expect([container.stdout(), container.stderr()]).toEqual(['out\n', 'err\n']);
  });

  test('run the built commands', async () => {
    const container = await engine.run(SHELL, { args: ['rc-compile --help; exec muster --version'] });
    expect(await container.ended()).toBe(0);
    expect(container.stdout()).toMatch(/^muster \d/m);
    expect(container.stdout()).toMatch(/rc-compile/);
  });

  test('run as another user on a root that cannot be written', async () => {
    const script = 'id -u; id -g; echo x > /tmp/a && cat /tmp/a; echo x > /etc/a || echo no';
    const container = await engine.run(SHELL, { args: [script], user: '1000:1001', readOnly: true, tmpfs: ['/tmp'] });
    expect(await container.ended()).toBe(0);
    expect(container.stdout()).toBe('1000\n1001\nx\nno\n');
  });

  test('read what they are given', async () => {
    const container = await engine.run(SHELL, { args: ['cat'], input: 'given\n' });
    expect(await container.ended()).toBe(0);
    expect(container.stdout()).toBe('given\n');
  });

  test('are entered, signalled, killed, and started again', async () => {
    const script = 'trap "echo asked" USR1; echo once >> /root/starts; echo ready; while :; do sleep 1000 & wait; done';
    const container = await engine.run(SHELL, { args: [script] });
    await container.line(/^ready$/);
    expect(await container.exec(['sh', '-c', 'echo $WORD; exit 3'], { environment: { WORD: 'inside' } })).toMatchObject(
      {
        status: 3,
        stdout: 'inside\n',
      },
    );
    expect((await container.exec(['id', '-u'], { user: '1000:1000' })).stdout).toBe('1000\n');
    await container.kill('SIGUSR1');
    await container.line(/^asked$/);
    const pid = await container.pid();
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toMatch(/sh/);
    await container.kill('SIGKILL');
    expect(await container.ended()).toBe(137);
    await container.start();
    await container.line(/^ready$/);
    expect((await container.exec(['cat', '/root/starts'])).stdout).toBe('once\nonce\n');
    await container.stop(0);
    expect(processFacts(pid)?.zombie ?? true).toBe(true);
  });

  test('stop by TERM', async () => {
    const container = await engine.run(SHELL, { args: ['trap "exit 9" TERM; echo ready; sleep 1000 & wait'] });
    await container.line(/^ready$/);
    await container.stop(60);
    expect(await container.ended()).toBe(9);
  });

  test('share a PID namespace', async () => {
    const first = await engine.run(SHELL, { args: ['echo ready; exec sleep 1000'] });
    await first.line(/^ready$/);
    const second = await engine.run(SHELL, { args: ['echo "pid $$"; exec sleep 1000'], pidOf: first });
    expect(await second.line(/^pid/)).not.toBe('pid 1');
    expect((await second.exec(['cat', '/proc/1/cmdline'])).stdout).toBe('sleep\x001000\0');
  });
});
