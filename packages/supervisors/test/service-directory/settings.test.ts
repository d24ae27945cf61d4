/** The way of every plain setting, from its file in a source to its file in a service directory. */

import { everyService, serviceId } from '@muster/core/model/database';
import { everyLongrunSetting } from '@muster/core/model/longrun-settings';
import { diff } from '@muster/core/plan/diff/diff';
import { compileFiles } from '@muster/core/test/compile/sources';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { ownerOf } from '@muster/store/live/service-files';
import { supervisorNamed } from '@muster/supervisors/supervisor-table';
import { expect, test } from 'vitest';

const WRITTEN = {
  number: '7\n',
  duration: '7s\n',
  descriptor: '5\n',
  signal: 'SIGUSR1\n',
  flag: '',
  sequel: 'exit 7\n',
} as const;
const MEANT = { number: 7, duration: 7000, descriptor: 5, signal: 'USR1', flag: true, sequel: 'exit 7' } as const;
const NOTHING = { number: null, duration: null, descriptor: null, signal: null, flag: false, sequel: null } as const;
const TARGET = { live: '/run/rc', muster: '/usr/bin/muster' };

/** As it comes out of a database file. */
function compiled(files: Readonly<Record<string, string>>) {
  const { database } = compileFiles(
    { 'web/type': 'longrun\n', 'web/run*': '#!/bin/sh\nexec web\n', ...files },
    definitionEncoding,
  );
  if (database === undefined) throw new Error('it does not compile');
  const decoded = decode(encode(database).bytes);
  if (!decoded.ok) throw new Error('it cannot be read again');
  return decoded.value.database;
}

function rendered(database: ReturnType<typeof compiled>, kind: 'embedded' | 's6'): Record<string, string> {
  const entries = everyService(database).flatMap((id) => supervisorNamed(kind)!.render(database, id, TARGET));
  const files = entries.filter((entry) => entry.kind === 'file');
  return Object.fromEntries(files.map(({ path, content }) => [path, new TextDecoder().decode(content)]));
}

test('the table has more than a few', () => {
  expect(everyLongrunSetting().length).toBeGreaterThan(10);
});

test.each(everyLongrunSetting())('%s', (name, { file, form, reader }) => {
  const without = compiled({});
  const set = compiled({ [`web/${file}`]: WRITTEN[form] });
  expect(without.definition(serviceId(0))).toMatchObject({ [name]: NOTHING[form] });
  expect(set.definition(serviceId(0))).toMatchObject({ [name]: MEANT[form] });
  expect(diff(without, set)).toEqual([
    { service: 'web', kind: 'changed', fields: [{ name: file, from: NOTHING[form], to: MEANT[form] }] },
  ]);
  if (form === 'sequel') {
    expect(rendered(set, 'embedded')[file]).toMatch(/^#!\/bin\/sh\ncode=7\n/);
    return;
  }
  const text = form === 'flag' ? '' : `${MEANT[form]}\n`;
  expect(rendered(set, 'embedded')[file]).toBe(reader === 'scripts' ? undefined : text);
  expect(rendered(set, 's6')[file]).toBe(reader === 's6' ? text : undefined);
  expect(rendered(without, 'embedded')[file]).toBe(undefined);
  expect(ownerOf(file)).toBe('generated');
});
