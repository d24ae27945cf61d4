/** Many services: scanning, loggers, s6-svscanctl, signals. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { describe, expect, test } from 'vitest';
import { s6 } from '../rig.ts';
import { onEveryBackend } from './suite.ts';

onEveryBackend((stage) => {
  const svscanctl = (letters: string) => expect(s6('s6-svscanctl', letters, stage().rig.scandir).status).toBe(0);
  const unanswered = (name: string) =>
    eventually(`nobody supervises ${name}`, () => s6('s6-svok', stage().rig.directory(name)).status !== 0);

  describe('scan', () => {
    test('finds what is new, and leaves names with a dot and plain files alone', async () => {
      const { rig } = stage();
      rig.add('web');
      rig.add('.hidden');
      writeFileSync(join(rig.scandir, 'README'), '');
      await stage().up('web');
      rig.add('late');
      svscanctl('-a');
      await rig.told('run', 'late');
      expect(rig.journal('run', '.hidden')).toEqual([]);
    });

    test('and nuke stop what is gone; scan alone does not', async () => {
      const { rig } = stage();
      rig.add('web');
      rig.add('gone');
      await stage().up('web', 'gone');
      const web = await rig.told('run', 'web');
      const { pid } = await rig.told('run', 'gone');
      renameSync(rig.directory('gone'), rig.directory('.gone'));
      svscanctl('-a');
      svscanctl('-z');
      expect(existsSync(`/proc/${pid}`)).toBe(true);
      svscanctl('-an');
      await eventually('it is stopped', () => !existsSync(`/proc/${pid}`));
      expect(existsSync(`/proc/${web.pid}`)).toBe(true);
    });
  });

  describe('a log directory', () => {
    test('is a service that reads what the other writes; nothing is lost when it restarts', async () => {
      const { rig } = stage();
      rig.add('web');
      rig.add('web/log', { run: 'while read -r line; do echo "$line" >>lines; tell line; done' });
      await stage().up('web', 'web/log');
      await rig.told('run', 'web');
      expect((await rig.told('run', 'web/log')).words).toEqual(['web/log']);
      rig.order('web', 'say one');
      await stage().told('line', 'web/log');
      stage().svc('web/log', '-wD', '-d');
      rig.order('web', 'say two');
      rig.order('web', 'do tell said');
      await rig.told('said', 'web');
      stage().svc('web/log', '-wu', '-u');
      await rig.told('line', 'web/log', 2);
      expect(readFileSync(join(rig.directory('web/log'), 'lines'), 'utf8')).toBe('one\ntwo\n');
    });

    test('is left to read to the end when everything is terminated', async () => {
      const { rig } = stage();
      rig.add('web', { run: "trap 'echo last; exit 0' TERM\ntell trapped\nwhile :; do sleep 0.02; done" });
      rig.add('web/log', { run: 'cat >>lines; tell end' });
      await stage().up('web', 'web/log');
      await rig.told('trapped', 'web');
      await rig.told('run', 'web/log');
      svscanctl('-t');
      expect(await stage().supervision.ended).toBe(0);
      expect(readFileSync(join(rig.directory('web/log'), 'lines'), 'utf8')).toBe('last\n');
      expect(rig.journal('end', 'web/log')).toHaveLength(1);
    });
  });

  describe('leaving', () => {
    test.each(['-t', '-q', '-i'])('s6-svscanctl %s stops everything', async (letters) => {
      const { rig } = stage();
      rig.add('web', { finish: true });
      rig.add('db', { files: { down: '' } });
      await stage().up('web', 'db');
      const { pid } = await rig.told('run', 'web');
      svscanctl(letters);
      expect(await stage().supervision.ended).toBe(0);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      expect(rig.journal('finish', 'web')).toHaveLength(1);
      await unanswered('web');
      await unanswered('db');
    });

    test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)('so does %s', async (signal) => {
      const { rig } = stage();
      rig.add('web');
      await stage().up('web');
      const { pid } = await rig.told('run', 'web');
      stage().supervision.kill(signal);
      expect(await stage().supervision.ended).toBe(0);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
    });

    test('executes .s6-svscan/finish', async () => {
      const { rig } = stage();
      rig.add('web');
      await stage().up('web');
      await rig.told('run', 'web');
      const finish = join(rig.scandir, '.s6-svscan/finish');
      writeFileSync(finish, `#!/bin/sh\npwd >'${join(rig.root, 'finished')}'\nexit 9\n`, { mode: 0o755 });
      svscanctl('-t');
      expect(await stage().supervision.ended).toBe(9);
      expect(readFileSync(join(rig.root, 'finished'), 'utf8').trim()).toBe(rig.scandir);
    });
  });

  test('a script in .s6-svscan takes a signal', async () => {
    const { rig } = stage();
    rig.add('web');
    await stage().up('web');
    await rig.told('run', 'web');
    const script = join(rig.scandir, '.s6-svscan/SIGTERM');
    writeFileSync(script, `#!/bin/sh\nexec s6-svc -d '${rig.directory('web')}'\n`, { mode: 0o755 });
    stage().supervision.kill('SIGTERM');
    await stage().becomes('web', 'up,wantedup', 'false false');
  });

  test('a second supervisor on the same scandir exits 100', async () => {
    const { rig } = stage();
    rig.add('web');
    await stage().up('web');
    const second = await stage().backend.start(rig.scandir);
    expect(await second.ended).toBe(100);
  });
});
