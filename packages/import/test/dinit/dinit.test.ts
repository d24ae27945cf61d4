import { describe, expect, test } from 'vitest';
import { descriptionWords } from '../../src/dinit/description.ts';
import { dinit } from '../../src/dinit/dinit.ts';
import { type Imported, imported } from '../imported.ts';

const service = (lines: string): Imported =>
  imported(dinit, { '/etc/dinit.d/web': `# web\ntype = process\ncommand = /usr/bin/web -a "b c"\n${lines}\n` });

describe('a setting becomes a file', () => {
  test.each([
    ['', 'run', "#!/bin/sh\nexec /usr/bin/web -a 'b c'"],
    ['', 'restart', 'never'],
    ['restart = yes', 'restart', 'always'],
    ['restart: on-failure', 'restart-limit', '3/10000'],
    ['restart = yes\nrestart-delay = 1.5', 'restart-delay', '1500'],
    ['stop-timeout = 5', 'timeout-kill', '5000'],
    ['term-signal = SIGINT', 'down-signal', 'INT'],
    ['run-as = www', 'user', 'www'],
    ['working-dir = /srv # here', 'working-directory', '/srv'],
    ['ready-notification = pipefd:3', 'notification-fd', '3'],
    ['nice = 5', 'nice', '5'],
  ])('%s', (lines, file, content) => {
    expect(service(lines).file(`web/${file}`)).toBe(content);
  });
});

test('what is up after a boot is what boot brings up', () => {
  const made = imported(
    dinit,
    {
      '/d/boot': 'type = internal\nwaits-for = web\n',
      '/d/web': 'type = process\ncommand = web\ndepends-on = db\nafter = log\n',
      '/d/db': 'type = scripted\ncommand = start\nstop-command = stop\n',
      '/d/log': 'type = process\ncommand = log\n',
    },
    { paths: ['/d'] },
  );
  expect(made.below('default')).toEqual(['contents.d/boot', 'contents.d/db', 'contents.d/web', 'type']);
  expect([made.below('boot/wants.d'), made.below('web/dependencies.d'), made.below('web/after.d')]).toEqual([
    ['web'],
    ['db'],
    ['log'],
  ]);
  expect([made.file('db/type'), made.file('db/down'), made.file('log/flag-manual')]).toEqual([
    'oneshot',
    '#!/bin/sh\ncd / || exit 111\nexec stop',
    '',
  ]);
});

test('what is not mapped, not known, or no setting is told', () => {
  const made = service(
    'socket-listen = /run/x\ncomand = y\nnonsense\nrestart-delay = 3\nrun-as = a\nrun-as = b\nenv-file += x',
  );
  expect(made.said('socket-listen')).toEqual(['told is not mapped']);
  expect(made.entries('comand')[0]).toMatchObject({
    result: 'told',
    message: 'is not known',
    hint: 'did you mean command?',
  });
  expect(made.said('')).toEqual(['told is not understood']);
  expect(made.said('restart-delay')[0]).toMatch(/^ignored means nothing/);
  expect(made.said('run-as')).toEqual(['ignored overridden', 'taken']);
});

test('words have quotes and backslashes', () => {
  expect(descriptionWords(String.raw`a "b \"c" d\ e ""`)).toEqual(['a', 'b "c', 'd e', '']);
  expect(descriptionWords('a "b')).toBeNull();
});
