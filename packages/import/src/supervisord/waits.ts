/** Who waits for whom: the dependent-startup plug-in of supervisord, and `depends_on` of Go's rewrite. */
import type { Relation } from '../model/service.ts';
import type { SectionReader } from './section-reader.ts';
import { boolean, strings } from './values.ts';

export interface Waits {
  readonly relations: readonly Relation[];
  /** Something else starts it. */
  readonly isWaiting: boolean;
}

export function waitsOf(reader: SectionReader, oneshots: ReadonlySet<string>): Waits {
  const relations: Relation[] = [];
  const enabled = reader.value('dependent_startup', boolean);
  const waits = reader.text('dependent_startup_wait_for');
  const isWaiting = enabled?.value === true;
  if (enabled !== null) reader.takes(enabled.from, isWaiting ? 'default/contents.d' : 'flag-manual');
  reader.ignore('dependent_startup_inherit_priority', 'the order follows from what waits for what');
  for (const word of waits?.value.split(/\s+/).filter(Boolean) ?? []) {
    const [name = '', state = 'running'] = word.split(':');
    relations.push({ kind: 'needs', name, from: waits?.from ?? [] });
    if (/exited/i.test(state) && !oneshots.has(name))
      reader.tell(
        waits?.from ?? [],
        `waits for the start of ${name}, not for its end`,
        `--oneshot ${name} makes it one that ends`,
      );
  }
  if (waits !== null && !isWaiting) reader.note(waits.from, 'without dependent_startup the plug-in starts nothing');
  const depends = reader.value('depends_on', strings);
  for (const name of depends?.value ?? []) relations.push({ kind: 'needs', name, from: depends?.from ?? [] });
  return { relations, isWaiting };
}
