/** Arbitrary sources for property tests. */
import fc from 'fast-check';
import type { Files } from './sources.ts';

const NAMES = ['__proto__', 'constructor', 'a b', '-rf', '日本', '🚀', '\ue000', "it's", 'x'.repeat(200)];

/** Names that are all different, some of them nasty. */
function name(i: number): string {
  return i < NAMES.length ? NAMES[i]! : `s${i}`;
}

interface Sketch {
  readonly longrun: boolean;
  readonly needs: readonly number[];
  readonly wants: readonly number[];
  readonly after: readonly number[];
  readonly essential: boolean;
  readonly log: boolean;
  readonly timeout: number;
  readonly text: string;
}

const sketch = (lower: number): fc.Arbitrary<Sketch> => {
  const earlier = lower === 0 ? fc.constant([]) : fc.array(fc.nat(lower - 1), { maxLength: 4 });
  return fc.record({
    longrun: fc.boolean(),
    needs: earlier,
    wants: earlier,
    after: earlier,
    essential: fc.boolean(),
    log: fc.boolean(),
    timeout: fc.nat(4294967295),
    text: fc.string({ unit: 'binary', maxLength: 20 }),
  });
};

/** A source in which every service refers to earlier ones only, so that it always compiles. */
export const validFiles: fc.Arbitrary<Files> = fc
  .integer({ min: 0, max: 25 })
  .chain((count) =>
    fc.record({
      services: fc.tuple(...Array.from({ length: count }, (_, i) => sketch(i))),
      bundles: fc.array(fc.array(fc.nat(Math.max(0, count - 1)), { maxLength: 6 }), { maxLength: 4 }),
    }),
  )
  .map(({ services, bundles }) => {
    const files = new Map<string, string>();
    for (const [i, service] of services.entries()) writeService(files, name(i), service);
    bundles.forEach((members, i) => {
      files.set(`set${i}/type`, 'bundle\n');
      files.set(`set${i}/contents`, services.length === 0 ? '' : members.map((member) => `${name(member)}\n`).join(''));
      if (i > 0) files.set(`set${i}/contents`, `${files.get(`set${i}/contents`)}set${i - 1}\n`);
    });
    return files;
  });

function writeService(files: Map<string, string>, own: string, service: Sketch): void {
  files.set(`${own}/type`, service.longrun ? 'longrun\n' : 'oneshot');
  for (const need of service.needs) files.set(`${own}/dependencies.d/${name(need)}`, need % 3 === 0 ? 'ignore' : '');
  for (const want of service.wants) files.set(`${own}/wants.d/${name(want)}`, '');
  for (const other of service.after) files.set(`${own}/after.d/${name(other)}`, '');
  if (service.essential) files.set(`${own}/flag-essential`, '');
  files.set(`${own}/timeout-up`, `${service.timeout}\n`);
  if (service.longrun) {
    files.set(`${own}/run`, `#!/bin/sh\n${service.text}`);
    files.set(`${own}/data/file`, service.text);
    if (service.log) files.set(`${own}/log`, 'dir /var/log/x\n');
  } else {
    files.set(`${own}/up*`, `#!/bin/sh\n${service.text}`);
    files.set(`${own}/down`, 'echo { a b } c');
  }
}
