import { expect, test } from 'vitest';
import { renderRecord } from '../../src/render/record.ts';

test('what is said is shown, also if it is 0; what is not said is not', () => {
  const record = {
    name: 'we\x1bb',
    description: '',
    timeoutUp: 0,
    essential: true,
    manual: false,
    supervision: { timeoutKill: 0, lockFd: null, process: { umask: 0o22, nice: 0, limits: [['nofile', '1:2']] } },
  };
  expect(renderRecord(record)).toBe(
    [
      'name         we\\u{1b}b',
      'essential    yes',
      'supervision  timeoutKill 0',
      '             process umask 022',
      '             nice 0',
      '             limits nofile 1:2',
      '',
    ].join('\n'),
  );
});
