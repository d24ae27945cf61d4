/** Nothing that was read can be missing from the report, whatever a format forgets. */
import { describe, expect, test } from 'vitest';
import { Account } from '../../src/account/account.ts';

describe('an account', () => {
  test('has an entry for each line that nobody claimed', () => {
    const account = new Account('test');
    const file = account.open('a.conf', 'one\n\ntwo\r\n# three\nfour');
    file.skip(4);
    file.directive({ line: 1, section: 's', key: 'one', value: '1' });
    const { files, entries } = account.close();
    expect(files).toEqual([{ path: 'a.conf', lines: 5 }]);
    expect(entries.map(({ line, key, value, result }) => [line, key, value, result])).toEqual([
      [1, 'one', '1', 'told'],
      [3, '', 'two', 'told'],
      [5, '', 'four', 'told'],
    ]);
  });

  test('tells what was claimed and never settled, with the nearest known key', () => {
    const account = new Account('test');
    account.describe('s', 'web', ['command', 'user']);
    const file = account.open('a.conf', 'comand=x\nuser=y');
    file.directive({ line: 1, section: 's', key: 'comand', value: 'x' });
    file.directive({ line: 2, section: 's', key: 'user', value: 'y' });
    expect(account.close().entries).toMatchObject([
      { key: 'comand', result: 'told', service: 'web', message: 'is not known', hint: 'did you mean command?' },
      { key: 'user', result: 'told', service: 'web', message: 'is not mapped' },
    ]);
  });

  test('joins several outcomes of one directive into one entry, with the worst result', () => {
    const account = new Account('test');
    const directive = account.open('a', 'x').directive({ line: 1, section: '', key: 'x', value: '' });
    account.settle([directive], { result: 'taken', service: 'web', into: ['a'] });
    account.settle([directive], { result: 'changed', into: ['b'], message: 'a little' });
    account.settle([directive], { result: 'taken', into: ['a'] });
    expect(account.close().entries).toEqual([
      {
        file: 'a',
        line: 1,
        section: '',
        key: 'x',
        value: '',
        result: 'changed',
        service: 'web',
        into: ['a', 'b'],
        message: 'a little',
        hint: '',
      },
    ]);
  });

  test('takes no outcome of what was not read', () => {
    const account = new Account('test');
    const foreign = new Account('other').open('a', 'x').directive({ line: 1, section: '', key: 'x', value: '' });
    expect(() => account.settle([foreign], { result: 'taken' })).toThrow(/not read/);
  });

  test('covers all lines of a directive that has several', () => {
    const account = new Account('test');
    const file = account.open('a', 'x=1\n  2\n  3\ny');
    account.settle([file.directive({ line: 1, lines: 3, section: '', key: 'x', value: '1 2 3' })], {
      result: 'ignored',
    });
    expect(account.close().entries.map(({ line, result }) => [line, result])).toEqual([
      [1, 'ignored'],
      [4, 'told'],
    ]);
  });
});
