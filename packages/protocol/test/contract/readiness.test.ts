/** `notification-fd`, `lock-fd`, and what a service is born with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { describe, expect, test } from 'vitest';
import { onEveryBackend } from './suite.ts';

onEveryBackend((stage) => {
  describe('readiness', () => {
    test('is a newline on notification-fd', async () => {
      const { rig } = stage();
      rig.add('web', { files: { 'notification-fd': '5\n' } });
      await stage().up('web');
      await rig.told('run', 'web');
      rig.order('web', 'do printf almost >&5');
      rig.order('web', 'do tell wrote');
      await rig.told('wrote', 'web');
      expect(stage().stat('web', 'up,ready')).toBe('true false');
      rig.order('web', 'ready');
      await stage().becomes('web', 'up,ready', 'true true');
    });

    test('of an instance that is gone does not count for the next one', async () => {
      const { rig } = stage();
      rig.add('web', { files: { 'notification-fd': '5\n' } });
      await stage().up('web');
      await rig.told('run', 'web');
      rig.order(
        'web',
        'do { trap "" PIPE; sleep 0.2; until [ -e late ]; do sleep 0.05; done; echo >&5; tell late; } &',
      );
      rig.order('web', 'exit 0');
      await rig.told('run', 'web', 2);
      rig.order('web', 'do : >late');
      await rig.told('late', 'web');
      rig.order('web', 'do tell after');
      await rig.told('after', 'web');
      expect(stage().stat('web', 'up,ready')).toBe('true false');
    });

    test('that was notified just before death is told', async () => {
      const { rig } = stage();
      const directory = rig.add('web', { files: { 'notification-fd': '3\n', down: '' }, run: 'echo >&3; exit 0' });
      await stage().up('web');
      stage().svc('web', '-o');
      await rig.told('run', 'web');
      const tally = join(directory, 'supervise/death_tally');
      await eventually('its death', () => readFileSync(tally).length === 14);
      await stage().becomes('web', 'up,exitcode', 'false 0');
    });
  });

  test('lock-fd is a descriptor of supervise/service-lock', async () => {
    const { rig } = stage();
    // The lock file is made here because s6 2.11.3 does not make it.
    const files = { 'lock-fd': '7\n', 'supervise/service-lock': '' };
    rig.add('web', { files, run: 'tell opened $(readlink /proc/$$/fd/7)\nexec sleep 1000' });
    await stage().up('web');
    expect((await rig.told('opened', 'web')).words).toEqual([join(rig.directory('web'), 'supervise/service-lock')]);
  });

  test('a service has the descriptors, signals, mask, umask and limits that the supervisor was started with', async () => {
    const { rig } = stage();
    rig.add('web', {
      run: `grep -E '^(Sig(Blk|Ign|Cgt)|Umask)' /proc/self/status >facts
grep 'open files' /proc/self/limits >>facts
ls -l /proc/$$/fd >descriptors
tell looked
exec sleep 1000`,
    });
    await stage().up('web');
    await rig.told('looked', 'web');
    const facts = readFileSync(join(rig.directory('web'), 'facts'), 'utf8');
    const own = readFileSync('/proc/self/status', 'utf8');
    expect(facts).toContain('SigBlk:\t0000000000000000');
    expect(facts).toContain('SigIgn:\t0000000000000000');
    expect(facts).toContain(/^Umask:.*$/m.exec(own)![0]);
    // The shell has the script open; a pipe to a filter would be one of its own for a moment, too.
    const descriptors = readFileSync(join(rig.directory('web'), 'descriptors'), 'utf8').matchAll(
      / (\d+) -> (?!.*\/run$)/gm,
    );
    expect([...descriptors].map(([, number]) => Number(number)).filter((number) => number < 10)).toEqual([0, 1, 2]);
  });
});
