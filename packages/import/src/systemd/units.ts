/** All units of a call: files and directories that are named, their drop-ins, and what is linked from `*.wants/`. */
import { basename, dirname, join } from 'node:path';
import type { Account } from '../account/account.ts';
import type { FileReader } from '../files/reader.ts';
import { unrenderedIn } from '../files/unrendered.ts';
import type { ImportProblem, ImportRequest } from '../format.ts';
import { readUnitFile, SystemdUnit } from './unit-file.ts';

export const UNIT_NAME = /^[^/]+\.(service|socket|timer|path|target)$/;

export interface UnitSet {
  /** By name. */
  readonly units: ReadonlyMap<string, SystemdUnit>;
  /** Names of units, and of instances of templates, that a boot starts. */
  readonly enabled: ReadonlySet<string>;
  readonly problems: readonly ImportProblem[];
}

export function readUnits(request: ImportRequest, files: FileReader, account: Account): UnitSet {
  const units = new Map<string, SystemdUnit>();
  const enabled = new Set<string>();
  const problems: ImportProblem[] = [];
  const read = (path: string, unit: SystemdUnit) => {
    const text = files.text(path);
    if (!text.ok) {
      problems.push({ file: path, message: text.problem, hint: 'name a unit, or a directory with units in it' });
      return;
    }
    const file = account.open(path, text.value);
    problems.push(
      ...unrenderedIn(path, file.lines, (line) => /^\s*[#;]/.test(line) || /[%$]/.test(line.split('=')[0] ?? '')),
    );
    readUnitFile(file, unit, account);
  };
  const add = (path: string) => {
    const name = basename(path);
    if (units.has(name)) return;
    const unit = new SystemdUnit(name, account);
    units.set(name, unit);
    read(path, unit);
    for (const dropIn of dropInsOf(name, dirname(path), files)) read(dropIn, unit);
  };
  for (const path of request.paths) {
    if (files.kindOf(path) !== 'directory') {
      if (!UNIT_NAME.test(basename(path)))
        problems.push({
          file: path,
          message: 'has not the name of a unit that is known here',
          hint: 'units are called NAME.service, .socket, .timer, .path or .target',
        });
      else {
        add(path);
        enabled.add(basename(path));
      }
      continue;
    }
    const names = files.list(path) ?? [];
    const aliases = new Map<string, string>();
    for (const name of names.filter((each) => UNIT_NAME.test(each))) {
      const target = basename(files.linkAt(join(path, name)) ?? name);
      // A link of another name is an alias, or masks a unit.
      if (target !== name) aliases.set(name, target);
      else if (files.kindOf(join(path, name)) === 'file') add(join(path, name));
    }
    for (const wants of names.filter((each) => /\.(wants|requires)$/.test(each)))
      for (const name of files.list(join(path, wants)) ?? []) enabled.add(aliases.get(name) ?? name);
  }
  const named = request.choices.get('enable');
  return { units, enabled: named === undefined ? enabled : new Set(named), problems };
}

/** `web.service.d/`, `web-.service.d/` for `web-1.service`, `service.d/`: the least special first. */
function dropInsOf(name: string, directory: string, files: FileReader): readonly string[] {
  const at = name.lastIndexOf('.');
  const [stem, kind] = [name.slice(0, at), name.slice(at + 1)];
  const prefixes = [...stem.matchAll(/-/g)].map(({ index }) => `${stem.slice(0, index + 1)}.${kind}.d`);
  const instance = stem.includes('@') && !stem.endsWith('@') ? [`${stem.replace(/@.*/, '@')}.${kind}.d`] : [];
  const found = new Map<string, string>();
  for (const place of [`${kind}.d`, ...prefixes, ...instance, `${name}.d`])
    for (const file of (files.list(join(directory, place)) ?? []).filter((each) => each.endsWith('.conf')))
      found.set(file, join(directory, place, file));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}
