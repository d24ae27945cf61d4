import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasOverlay, readOverlay } from '@muster/import/s6-overlay/read-image';
import { overlaySettings } from '@muster/import/s6-overlay/settings';
import { outputFileSync } from 'fs-extra/esm';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, text = '#!/bin/sh\n', mode = 0o755) => outputFileSync(root + path, text, { mode });
const read = (variables: Record<string, string> = {}) =>
  readOverlay(root, overlaySettings(new Map(Object.entries(variables))));

test('a machine without any of it has none', () => {
  expect(hasOverlay(root)).toBe(false);
  put('/etc/cont-init.d/01');
  expect(hasOverlay(root)).toBe(true);
});

test('everything is read from its place, in order', () => {
  put('/etc/cont-init.d/20-b');
  put('/etc/cont-init.d/10-a', 'echo\n', 0o644);
  put('/etc/cont-init.d/.hidden');
  put('/etc/cont-finish.d/1');
  put('/etc/fix-attrs.d/1', '');
  put('/etc/s6-overlay/s6-rc.d/web/type', 'longrun\n');
  put('/etc/s6-overlay/s6-rc.d/web/run');
  put('/etc/s6-overlay/user-bundles.d/user/contents.d/web', '');
  put('/package/admin/s6-overlay-3.1/etc/s6-rc/sources/base/type', 'bundle\n');
  put('/etc/services.d/db/run');
  put('/etc/services.d/db/log/run');
  symlinkSync('/srv/finish', join(root, 'etc/services.d/db/dangling'));
  const image = read();
  expect(image.init.map(({ path, isExecutable }) => [path, isExecutable])).toEqual([
    ['/etc/cont-init.d/10-a', false],
    ['/etc/cont-init.d/20-b', true],
  ]);
  expect(image.finish).toHaveLength(1);
  expect(image.hasAttributes).toBe(true);
  expect(image.definitions).toMatchObject([
    { name: 'web', type: 'longrun', scripts: [{ path: '/etc/s6-overlay/s6-rc.d/web/run' }] },
  ]);
  expect(image.bundles).toMatchObject([{ name: 'user', type: null, contents: ['web'] }]);
  expect(image.packaged).toMatchObject([{ name: 'base', type: 'bundle' }]);
  expect(image.services.map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([
    ['db', ['log/run', 'run']],
  ]);
  expect(image.has('/etc/cont-finish.d/1')).toBe(true);
  chmodSync(join(root, 'etc/cont-finish.d/1'), 0o600);
  expect(image.has('/etc/cont-finish.d/1')).toBe(false);
});

test('a profile is another /etc, and bundles may be elsewhere', () => {
  put('/etc/cont-profile.d/small/cont-init.d/01');
  put('/etc/cont-profile.d/small/s6-overlay/s6-rc.d/web/type');
  put('/srv/bundles/user/contents.d/web');
  const image = read({ S6_RUNTIME_PROFILE: 'small', S6_RUNTIME_BUNDLEDIR: '/srv/bundles' });
  expect(image.etc).toBe('/etc/cont-profile.d/small');
  expect(image.init).toHaveLength(1);
  expect(image.definitions).toHaveLength(1);
  expect(image.bundles).toHaveLength(1);
});
