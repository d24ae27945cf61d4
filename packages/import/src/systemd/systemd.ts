/** systemd's units as a format. The table of what becomes what: docs/moving/systemd.md. */
import { nearest } from '@muster/core/compile/nearest';
import { failure, success } from '@muster/core/result';
import type { Account } from '../account/account.ts';
import type { Directive, DirectiveOutcome } from '../account/directive.ts';
import type { ImportFormat, ImportRequest } from '../format.ts';
import type { BundleModel, ServiceModel } from '../model/service.ts';
import { FOR_PEOPLE, KNOWN_KEYS, NOT_MAPPED, WITHOUT_EFFECT } from './keys.ts';
import { importService } from './service.ts';
import type { SystemdUnit } from './unit-file.ts';
import { readUnits, UNIT_NAME, type UnitSet } from './units.ts';

export const systemd: ImportFormat = {
  name: 'systemd',
  summary: 'units of systemd, or directories of them, with their drop-ins',
  choices: {
    enable: {
      value: 'UNIT',
      help: 'a unit that a boot starts; without it those that are named, or linked from *.wants',
    },
    map: { value: 'UNIT=NAME', help: 'the service or bundle that stands for a unit that is not imported' },
  },
  detect(path, files) {
    if (UNIT_NAME.test(path.slice(path.lastIndexOf('/') + 1))) return files.kindOf(path) === 'file';
    return (files.list(path) ?? []).some((name) => UNIT_NAME.test(name));
  },
  read(request, files, account) {
    const set = readUnits(request, files, account);
    if (set.problems.length > 0) return failure(set.problems);
    const services: ServiceModel[] = [];
    const bundles: BundleModel[] = [];
    for (const unit of set.units.values()) {
      if (unit.kind === 'service') services.push(...importService(unit, contextFor(unit, set, request, account)));
      else if (unit.kind === 'target') bundles.push(targetOf(unit, set, account));
      else tellUnit(unit, account);
    }
    for (const unit of set.units.values()) settleRest(unit, account);
    const used = bundles.filter(({ members, name }) => members.length > 0 && name !== 'default');
    return success({ kind: 'models', services, bundles: used });
  },
};

function contextFor(unit: SystemdUnit, { units, enabled }: UnitSet, request: ImportRequest, account: Account) {
  const names = new Map(
    (request.choices.get('map') ?? []).map((word): [string, string] => [
      word.split('=', 1)[0] ?? '',
      word.slice(word.indexOf('=') + 1),
    ]),
  );
  const timer = units.get(`${unit.stem}.timer`) ?? units.get(`${unit.stem}.socket`) ?? units.get(`${unit.stem}.path`);
  const isTemplate = unit.stem.endsWith('@');
  const standard = isTemplate ? unit.last('Install', 'DefaultInstance') : null;
  if (standard !== null)
    account.settle(standard.from, { result: 'taken', service: unit.stem, into: ['default/contents.d'] });
  const linked = [...enabled].filter(
    (name) => name.startsWith(unit.stem) && name !== unit.name && name.endsWith('.service'),
  );
  const instances = [
    ...new Set([
      ...linked.map((name) => name.slice(unit.stem.length, -'.service'.length)),
      ...(standard === null ? [] : [standard.value]),
    ]),
  ];
  const isEnabled = isTemplate
    ? instances.length > 0
    : enabled.has(unit.name) && (timer === undefined || !enabled.has(timer.name));
  install(unit, isEnabled, account);
  return {
    account,
    request,
    names,
    isEnabled,
    isHere: (name: string) => units.has(name) && /\.(service|target)$/.test(name),
    instances: isTemplate ? instances : null,
  };
}

/** What wants it is who enables it. */
function install(unit: SystemdUnit, isEnabled: boolean, account: Account): void {
  for (const key of ['WantedBy', 'RequiredBy', 'UpheldBy'])
    for (const { from, value } of unit.words('Install', key)) {
      const isBoot = /^(multi-user|graphical|default|basic|sysinit|network-online|network)\.target$/.test(value);
      if (isBoot && isEnabled)
        account.settle(from, { result: 'taken', service: unit.stem, into: ['default/contents.d'] });
      else if (isBoot) account.settle(from, { result: 'taken', service: unit.stem, into: ['flag-manual'] });
      else
        account.settle(from, {
          result: 'changed',
          service: unit.stem,
          message: `is started by a boot, or by hand: nothing is pulled in by ${value}`,
        });
    }
}

function targetOf(unit: SystemdUnit, { units }: UnitSet, account: Account): BundleModel {
  const words = ['Wants', 'Requires', 'BindsTo', 'Upholds'].flatMap((key) => unit.words('Unit', key));
  const members = words
    .filter(({ value }) => units.has(value))
    .map(({ value }) => value.replace(/\.(service|target)$/, ''));
  for (const { value, from } of words)
    if (units.has(value)) account.settle(from, { result: 'taken', service: unit.stem, into: [`contents.d/${value}`] });
    else account.settle(from, { result: 'told', service: unit.stem, message: `${value} is not imported` });
  install(unit, true, account);
  for (const key of ['After', 'Before', 'Conflicts', 'Description'])
    for (const directive of unit.all('Unit', key))
      account.settle([directive], { result: 'changed', service: unit.stem, message: 'a bundle has only members' });
  for (const header of unit.headers) account.settle([header], { result: 'taken', service: unit.stem, into: ['type'] });
  return { name: unit.stem, from: [], members };
}

const OTHERS: Readonly<Record<string, string>> = {
  socket: 'sockets are not opened for the service: it opens its own',
  timer: 'schedules are not mapped: let cron run rc-change NAME',
  path: 'paths are not watched',
};

function tellUnit(unit: SystemdUnit, account: Account): void {
  const message = OTHERS[unit.kind] ?? 'is not mapped';
  account.settle([...unit.headers, ...unit.rest], { result: 'told', service: unit.stem, message });
}

function settleRest(unit: SystemdUnit, account: Account): void {
  for (const directive of unit.rest)
    if (!account.isSettled(directive)) account.settle([directive], { ...outcomeOf(directive), service: unit.stem });
  for (const header of unit.headers)
    if (!account.isSettled(header)) account.settle([header], { result: 'taken', service: unit.stem, into: ['type'] });
}

/** Of what needs no code. */
function outcomeOf({ key, section }: Directive): DirectiveOutcome {
  const missing = NOT_MAPPED.get(key);
  const idle = WITHOUT_EFFECT.get(key);
  if (section.startsWith('X-') || key.startsWith('X-')) return { result: 'ignored', message: 'is ignored by systemd' };
  if (FOR_PEOPLE.has(key)) return { result: 'ignored', message: 'is for people' };
  if (missing !== undefined) return { result: 'told', message: missing };
  if (idle !== undefined) return { result: 'changed', message: idle };
  if (KNOWN_KEYS.includes(key)) return { result: 'told', message: `has no meaning in [${section}]` };
  const [near] = nearest(key, KNOWN_KEYS);
  return { result: 'told', message: 'is not known', ...(near === undefined ? {} : { hint: `did you mean ${near}?` }) };
}
