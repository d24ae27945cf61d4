/** Who needs whom. An order alone is none: `Requires=` needs its `After=` to be a need that is waited for. */
import type { Relation } from '../model/service.ts';
import type { Sourced } from '../model/value.ts';
import { NOTHING_TO_WAIT_FOR } from './keys.ts';
import type { UnitReader } from './reader.ts';

const UNIT = 'Unit';
const SUFFIX = /\.(service|target|socket|timer|path)$/;

/** `isHere`: whether a unit of that name is imported. `names`: what stands for targets, by their names. */
export function relationsOf(
  reader: UnitReader,
  isHere: (unit: string) => boolean,
  names: ReadonlyMap<string, string>,
): readonly Relation[] {
  const words = (...keys: readonly string[]) =>
    keys.flatMap((key) => reader.words(UNIT, key).flatMap((word) => present(reader, key, word, isHere, names)));
  const after = words('After');
  const needed = words('Requires', 'Requisite', 'BindsTo');
  const wanted = words('Wants', 'Upholds');
  const isIn = (list: readonly Sourced<string>[], name: string) => list.some(({ value }) => value === name);
  for (const { value, from } of [...needed, ...wanted])
    if (!isIn(after, value)) reader.change(from, 'is waited for, which it is not without After');
  for (const { value, from } of after) if (isIn(needed, value)) reader.take(from, `dependencies.d/${value}`);
  for (const key of UNMAPPED) for (const { from } of reader.words(UNIT, key)) reader.tell(from, 'is not mapped');
  const relate = (kind: Relation['kind'], list: readonly Sourced<string>[]) =>
    list.map(({ value, from }): Relation => ({ kind, name: value, from }));
  return [
    ...relate('needs', needed),
    ...relate('wants', wanted),
    ...relate(
      'after',
      after.filter(({ value }) => !isIn(needed, value)),
    ),
    ...relate('before', words('Before')),
    ...relate('conflicts', words('Conflicts')),
  ];
}

const UNMAPPED = [
  ...[
    'PartOf',
    'OnFailure',
    'OnSuccess',
    'PropagatesReloadTo',
    'ReloadPropagatedFrom',
    'PropagatesStopTo',
    'StopPropagatedFrom',
  ],
  ...['JoinsNamespaceOf', 'StopWhenUnneeded', 'OnFailureJobMode', 'JobTimeoutSec', 'RequiresMountsFor'],
];

/** What is not imported is not waited for, as systemd does not wait for what is not there. */
function present(
  reader: UnitReader,
  key: string,
  { value, from }: Sourced<string>,
  isHere: (unit: string) => boolean,
  names: ReadonlyMap<string, string>,
): Sourced<string>[] {
  const mapped = names.get(value);
  if (mapped !== undefined) return [{ value: mapped, from }];
  if (isHere(value)) return [{ value: value.replace(SUFFIX, ''), from }];
  if (NOTHING_TO_WAIT_FOR.test(value)) reader.change(from, 'is nothing that a service has to wait for here');
  else if (['Requires', 'BindsTo', 'Requisite'].includes(key))
    reader.tell(from, `${value} is not imported`, 'import it along, or say what stands for it: --map UNIT=NAME');
  else reader.ignore(from, 'is not imported, and systemd does not wait for what is not there');
  return [];
}
