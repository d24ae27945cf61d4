/** Calls of sv in imported scripts. */
import { describe, expect, test } from 'vitest';
import { rewriteSv } from '../../src/runit/sv-calls.ts';

const NEIGHBOURS = new Map([
  ['web', 'web'],
  ['getty_tty1', 'getty@tty1'],
  ['my db', 'my db'],
]);
const WEB = '>"$RC_SERVICES"/web/supervise/control';
const GETTY = '>"$RC_SERVICES"/getty@tty1/supervise/control';

describe('a call of sv', () => {
  test.each([
    ['sv u .', 'printf u >supervise/control'],
    ['sv up ../web || exit 1', `printf u ${WEB} || exit 1`],
    ['exec /usr/bin/sv -v -w7 restart "web"', `exec printf ut ${WEB}`],
    ['sv -w 7 once web getty_tty1', `{ printf o ${WEB}; printf o ${GETTY}; }`],
    ['if sv u web >/dev/null 2>&1; then', `if { printf u ${WEB}; } >/dev/null 2>&1; then`],
    ['sv d web 2>/dev/null', `{ printf d ${WEB}; } 2>/dev/null`],
    ['x=`sv d web`; (sv d web)', `x=\`printf d ${WEB}\`; (printf d ${WEB})`],
  ])('is replaced by its letters: %s', (line, rewritten) => {
    expect(rewriteSv(line, NEIGHBOURS)).toMatchObject({ text: rewritten, left: [] });
  });

  test.each([
    ['sv check web', 'sv check web'],
    ['sv u web elsewhere', 'sv u web elsewhere'],
    ['sv u $service', 'sv u $service'],
    ['exec sv u web getty_tty1', 'sv u web getty_tty1'],
    ['echo sv u web', 'sv u web'],
    ['SVDIR=/other sv u web', 'sv u web'],
  ])('stays, and is reported: %s', (line, call) => {
    expect(rewriteSv(line, NEIGHBOURS)).toEqual({ text: line, replaced: [], left: [call] });
  });

  test('is left alone in a comment', () => {
    const line = '  # sv check web';
    expect(rewriteSv(line, NEIGHBOURS)).toEqual({ text: line, replaced: [], left: [] });
  });
});
