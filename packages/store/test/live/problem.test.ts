/** docs/diagnostics.md is held to the codes of live directories. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIVE_CODES } from '@muster/store/live/problem';
import { expect, test } from 'vitest';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/diagnostics.md'), 'utf8');

test('every code of a live directory is documented once, and no other', () => {
  const documented = [...page.matchAll(/^\| (RC3\d+) \| [^|]+ \| [^|]+ \|$/gm)].map(([, code]) => code);
  expect(documented).toEqual(Object.values(LIVE_CODES));
});
