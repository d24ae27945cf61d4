import { isKeptByOthers, ownerOf } from '@muster/store/live/service-files';
import { expect, test } from 'vitest';

test.each([
  ['run', 'author'],
  ['data/conf/a', 'author'],
  ['down', 'generated'],
  ['control/d', 'generated'],
  ['supervise/service-lock', 'tree'],
  ['event/ftrig1:@', 'tree'],
  ['.muster/deaths', 'driver'],
  ['answer', 'driver'],
  ['status.new', 'driver'],
  ['core', undefined],
])('%s belongs to %s', (path, owner) => {
  expect(ownerOf(path)).toBe(owner);
  expect(isKeptByOthers(path)).toBe(owner === 'tree' || owner === 'driver');
});
