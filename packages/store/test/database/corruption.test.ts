/** No damaged database is ever accepted. The seed is fixed in each run's message, so that a failure can be repeated. */

import { CODES } from '@muster/core/diagnostics/codes';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { everyService } from '@muster/core/model/database';
import { faultsOf } from '@muster/core/model/soundness';
import { everyTemplate } from '@muster/core/model/template';
import { compileFiles } from '@muster/core/test/compile/sources';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { HEADER_SIZE, MAGIC, OFFSET } from '@muster/store/database/format';
import { hashOf } from '@muster/store/database/hash';
import { expect, test } from 'vitest';
import { DAMAGES, randomFrom } from './damages.ts';

const CORRUPTIONS = 100_000;
const SEED = Number(process.env.MUSTER_SEED ?? Date.now() % 2 ** 31);

test(`of ${CORRUPTIONS} damaged databases none is accepted (MUSTER_SEED=${SEED})`, () => {
  const bytes = sample('a');
  const other = sample('b');
  const random = randomFrom(SEED);
  let accepted = 0;
  let tried = 0;
  for (let i = 0; tried < CORRUPTIONS; i++) {
    const damaged = DAMAGES[i % DAMAGES.length]!(bytes, other, random);
    if ([bytes, other].some((whole) => Buffer.compare(damaged, whole) === 0)) continue;
    tried++;
    if (decode(damaged).ok) accepted++;
  }
  expect(accepted).toBe(0);
});

const PARTS = 4;

test.each(Array.from({ length: PARTS }, (_, part) => SEED + part))(
  `of ${CORRUPTIONS / PARTS} databases that are damaged behind a right checksum each is refused, or keeps every promise (seed %i)`,
  (seed) => {
    const bytes = sample('a');
    const other = sample('b');
    const random = randomFrom(seed);
    const outcomes = new Map<string, number>();
    for (let i = 0; i < CORRUPTIONS / PARTS; i++) {
      const forged = DAMAGES[i % DAMAGES.length]!(bytes, other, random);
      if (forged.length < HEADER_SIZE) continue;
      // Else most of them would be refused for that alone.
      new DataView(forged.buffer).setBigUint64(OFFSET.length, BigInt(forged.length), true);
      forged.set(MAGIC);
      forged.set(hashOf(forged), OFFSET.hash);
      const outcome = outcomeOf(forged);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const judged = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
    // The others are too short to have a checksum at all.
    expect(judged).toBeGreaterThan((0.9 * CORRUPTIONS) / PARTS);
    expect([...outcomes.keys()].sort()).toEqual(['definition refused', 'kept', 'malformed', 'other-version']);
  },
);

/** `kept`: every promise is. Anything else that is no refusal is said as what it is. */
function outcomeOf(forged: Uint8Array): string {
  const decoded = decode(forged);
  if (!decoded.ok) return decoded.problem.refusal;
  const { database } = decoded.value;
  try {
    for (const service of everyService(database)) database.definition(service);
    for (const template of everyTemplate(database.templates)) database.templates.template(template);
  } catch (error) {
    const { diagnostic } = error as { diagnostic?: Diagnostic };
    return diagnostic?.code === CODES['malformed-definition'] ? 'definition refused' : String(error);
  }
  return faultsOf(database, definitionEncoding)[0] ?? 'kept';
}

function sample(text: string): Uint8Array {
  const { database } = compileFiles(
    {
      'web/type': 'longrun',
      'web/run': `#!/bin/sh\nexec ${text}\n`,
      'web/dependencies.d/mount': 'ignore',
      'web/renamed-from': 'www\n',
      'web/log': 'dir /var/log/web\n',
      'web/data/deep/file': 'data',
      'web/user': 'www',
      'web/limits': 'nofile 1024',
      'web/down-signal': 'INT',
      'web/restart-limit': '5/60s',
      'web/conflicts.d/other': '',
      'other/type': 'oneshot',
      'other/up': '',
      'mount/type': 'oneshot',
      'mount/up': 'mount { x }',
      'mount/description': 'disks',
      'all/type': 'bundle',
      'all/contents.d/web': '',
      'tunnel@/type': 'longrun',
      'tunnel@/run': '#!/bin/sh\nexec tunnel\n',
      'tunnel@/wants.d/mount': '',
      'tunnel@/log': 'dir /var/log/%i\n',
      'all/contents.d/tunnel@a': '',
    },
    definitionEncoding,
  );
  return encode(database!).bytes;
}
