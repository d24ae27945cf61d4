/** Images become the files of a source. That the source boots is in packages/cli/test/containers. */
import { expect, test } from 'vitest';
import { definition, filesOf, script, translated } from './images.ts';

const service = (name: string, files: Record<string, string>) => ({
  name,
  path: `/etc/services.d/${name}`,
  files: Object.entries(files).map(([path, text]) => ({
    path,
    kind: 'file' as const,
    bytes: new TextEncoder().encode(text),
    mode: 0o755,
  })),
});

test('what comes with s6-overlay is there in an empty image', () => {
  const source = translated({});
  expect(source.boot).toBe('default');
  expect(Object.keys(filesOf(source, 'default'))).toEqual([
    'type',
    'contents.d/base',
    'contents.d/user',
    'contents.d/legacy-services',
    'contents.d/user2',
  ]);
  expect(filesOf(source, 'user')).toEqual({ type: 'bundle\n', contents: '' });
  expect(source.untaken).toEqual([]);
});

test('definitions stay where they are', () => {
  const source = translated({ definitions: [definition('migrate')] });
  expect(filesOf(source, 'migrate')).toEqual({ '': '→ /etc/s6-overlay/s6-rc.d/migrate' });
});

test('user bundles: those of user-bundles.d, or the older ones of s6-rc.d, which count alone', () => {
  const bundles = [
    { ...definition('user', { type: 'bundle', contents: ['web'] }), path: '/etc/s6-overlay/user-bundles.d/user' },
  ];
  expect(filesOf(translated({ bundles }), 'user')).toEqual({ '': '→ /etc/s6-overlay/user-bundles.d/user' });
  const both = translated({ bundles, definitions: [definition('user', { type: null, contents: ['db'] })] });
  expect(filesOf(both, 'user')).toEqual({ type: 'bundle\n', 'contents.d/db': '' });
  expect(both.untaken).toEqual([
    '/etc/s6-overlay/user-bundles.d/user: /etc/s6-overlay/s6-rc.d/user is there, and counts',
  ]);
});

test('of what s6-overlay brings only that is taken which others have added', () => {
  const packaged = ['base', 'legacy-services', 'extra'].map((name) => ({
    ...definition(name),
    path: `/package/x/${name}`,
  }));
  const source = translated({ packaged });
  expect(filesOf(source, 'base')).toHaveProperty('type', 'bundle\n');
  expect(filesOf(source, 'extra')).toEqual({ '': '→ /package/x/extra' });
});

test('scripts of cont-init.d are one after the other, and hold back nobody', () => {
  const init = [script('/etc/cont-init.d/01-a'), script('/etc/cont-init.d/02-b')];
  const source = translated({ init });
  expect(filesOf(source, 'cont-init-02-b')).toEqual({
    type: 'oneshot\n',
    up: '"/etc/cont-init.d/02-b"\n',
    'after.d/fix-attrs': '',
    'after.d/cont-init-01-a': '',
  });
  expect(Object.keys(filesOf(source, 'legacy-cont-init'))).toContain('wants.d/cont-init-01-a');
  const strict = translated({ init }, { S6_BEHAVIOUR_IF_STAGE2_FAILS: '2' });
  expect(Object.keys(filesOf(strict, 'legacy-cont-init'))).toContain('dependencies.d/cont-init-01-a');
});

test('a script that is not executable is run by what its first line names', () => {
  const init = [script('/etc/cont-init.d/01-a', '#!/usr/bin/with-contenv bash\n', false)];
  expect(filesOf(translated({ init }), 'cont-init-01-a').up).toBe(
    '"/usr/bin/with-contenv" "bash" "/etc/cont-init.d/01-a"\n',
  );
});

test('the first script of cont-finish.d is the first to go down', () => {
  const finish = [script('/etc/cont-finish.d/1'), script('/etc/cont-finish.d/2')];
  const source = translated({ finish });
  expect(filesOf(source, 'cont-finish-1')).toEqual({
    type: 'oneshot\n',
    up: '',
    down: '"/etc/cont-finish.d/1"\n',
    'timeout-down': '5000\n',
    'after.d/cont-finish-2': '',
  });
  expect(Object.keys(filesOf(source, 'legacy-cont-init'))).toContain('after.d/cont-finish-1');
});

test('service directories are longruns behind base and user, with their loggers', () => {
  const files = { run: '#!/bin/sh\n', finish: '#!/bin/sh\n', 'notification-fd': '3\n', 'log/run': '#!/bin/sh\n' };
  const source = translated({ services: [service('web', files)] });
  expect(Object.keys(filesOf(source, 'web'))).toEqual([
    'type',
    'dependencies.d/base',
    'dependencies.d/user',
    'timeout-kill',
    'run',
    'finish',
    'notification-fd',
    'log/run',
  ]);
  expect(Object.keys(filesOf(source, 'legacy-services'))).toContain('wants.d/web');
});

test('what scripts may look for beside them they find where it was', () => {
  const source = translated({ services: [service('web', { run: '#!/bin/sh\n', 'web.conf': '' })] });
  expect(filesOf(source, 'web')).toMatchObject({ 'working-directory': '/etc/services.d/web\n' });
  expect(filesOf(source, 'web')).not.toHaveProperty('web.conf');
});

test('of two with one name the definition is taken, and the other told', () => {
  const source = translated({
    definitions: [definition('web')],
    services: [service('web', { run: '#!/bin/sh\n' }), service('none', {})],
  });
  expect(filesOf(source, 'web')).toEqual({ '': '→ /etc/s6-overlay/s6-rc.d/web' });
  expect(source.untaken).toEqual([
    '/etc/services.d/web: there is a definition called web as well, which is taken',
    '/etc/services.d/none: it has no run',
  ]);
});

test('an image that calls something default boots top', () => {
  expect(translated({ definitions: [definition('default')] }).boot).toBe('top');
});

test('interpreters that are offered become links, others are told, each once', () => {
  const init = ['01', '02'].map((name) => script(`/etc/cont-init.d/${name}`, '#!/usr/bin/with-contenv bash\n'));
  const run = '#!/command/execlineb -P\ns6-setuidgid nobody sleep 1\n';
  const source = translated({ init, services: [service('web', { run })] });
  expect(source.programs.links).toEqual(new Map([['/usr/bin/with-contenv', 'with-contenv']]));
  expect(source.untaken).toEqual([
    'bash is not in the image: /etc/cont-init.d/01 cannot be run',
    '/command/execlineb is not in the image: /etc/services.d/web/run cannot be run',
  ]);
});

test('programs that scripts call are told if they are neither there nor offered', () => {
  const up = script('/etc/s6-overlay/s6-rc.d/prepare/up', 'if { s6-hiercopy a b } true\n');
  const init = [script('/etc/cont-init.d/01', '#!/bin/sh\n# s6-rmrf\nimport x\ns6-svc -r /run/service/web\n')];
  const { untaken, programs } = translated({ init, definitions: [definition('prepare', { scripts: [up] })] });
  expect(untaken).toEqual([
    'if is not in the image, and not offered: /etc/s6-overlay/s6-rc.d/prepare/up calls it',
    's6-hiercopy is not in the image, and not offered: /etc/s6-overlay/s6-rc.d/prepare/up calls it',
  ]);
  expect(programs.offered).toContain('s6-svc');
});

test('scripts that may change services.d while the container boots are told', () => {
  const init = [script('/etc/cont-init.d/01', '#!/bin/sh\nrm -r /etc/services.d/web\n')];
  expect(translated({ init }).untaken).toEqual([
    '/etc/cont-init.d/01: it mentions services.d; what it changes there is not seen, as all services are known before',
  ]);
});
