/** Every recorded answer of s6-rc-compile, against ours. docs/comparison.md lists where they differ, and why. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '@muster/core/compile/compile';
import { CODES } from '@muster/core/diagnostics/codes';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { closure } from '@muster/core/graph/closure';
import { type Edges, targetsOf } from '@muster/core/graph/edges';
import {
  bundleNamed,
  type Database,
  hasFlag,
  LONGRUN,
  type ServiceId,
  serviceNamed,
} from '@muster/core/model/database';
import type { Longrun, OneshotCommand } from '@muster/core/model/definition';
import { decode } from '@muster/store/database/decode';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { encode } from '@muster/store/database/encode';
import { readSource } from '@muster/store/source-tree/read';
import { afterAll, expect, test } from 'vitest';
import { callCommand } from '../../src/arguments/call.ts';
import { asText, makeTree, type Text, type Tree, type TreeEntry, temporaryDirectory } from './trees.ts';

interface ExpectedService {
  readonly type: string;
  readonly timeoutUp: number;
  readonly timeoutDown: number;
  readonly essential: boolean;
  readonly recommended?: boolean;
  readonly dependencies: readonly string[];
  readonly dependents: readonly string[];
  readonly allDependencies: readonly string[];
  readonly allDependents: readonly string[];
  readonly up?: readonly Text[];
  readonly down?: readonly Text[];
  readonly pipeline?: readonly (readonly [string, string])[];
  readonly servicedir?: Tree;
}

interface CompileCase {
  readonly name: string;
  readonly sources: readonly { readonly dirname: string; readonly tree: Tree | null }[];
  readonly expect: {
    readonly exit: number;
    readonly errors?: readonly string[];
    readonly about?: Readonly<Record<string, string | readonly string[]>>;
    readonly total?: { readonly longruns: number; readonly oneshots: number; readonly bundles: number };
    readonly services?: Readonly<Record<string, ExpectedService>>;
    readonly bundles?: Readonly<Record<string, readonly string[]>>;
    readonly sampled?: boolean;
  };
}

const repository = join(import.meta.dirname, '../../../..');
const { cases } = JSON.parse(readFileSync(join(repository, 'fixtures/conformance/compile.json'), 'utf8')) as {
  cases: readonly CompileCase[];
};
const directory = temporaryDirectory();
afterAll(() => rmSync(directory, { recursive: true }));

test('every source compiles as with s6-rc, or docs/comparison.md says why it does not', async () => {
  expect(cases.length).toBeGreaterThan(260);
  const different = new Map<string, unknown>();
  for (const recorded of cases) {
    try {
      await check(recorded);
    } catch (error) {
      different.set(recorded.name, error);
    }
  }
  // Others than these differ, and are documented.
  expect(compared).toEqual({ calls: 1, errors: 90, databases: 172 });
  const documented = documentedDifferences();
  const unexplained = [...different].filter(([name]) => !documented.includes(name));
  expect(unexplained.map(([name, error]) => `${name}: ${error instanceof Error ? error.message : error}`)).toEqual([]);
  expect([...different.keys()].sort()).toEqual(documented.sort());
});

/** The case names in the first column of the table in the section "Compiling". */
function documentedDifferences(): string[] {
  const page = readFileSync(join(repository, 'docs/comparison.md'), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith('Compiling\n'))!;
  return [...section.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name!);
}

/** How many cases were compared with what: a wrong call, the errors, or the database. */
const compared = { calls: 0, errors: 0, databases: 0 };

async function check({ name, sources, expect: expected }: CompileCase): Promise<void> {
  if (sources.length === 0) {
    expect(await callCommand('rc-compile', ['database'])).toBe(expected.exit);
    compared.calls++;
    return;
  }
  const root = join(directory, encodeURIComponent(name));
  for (const { dirname, tree } of sources) if (tree !== null) makeTree(join(root, dirname), tree);
  const trees = sources.map(({ dirname }) => readSource(join(root, dirname)));
  const { database, diagnostics } = compile(trees, { encoding: definitionEncoding });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (expected.errors !== undefined) {
    expect(database).toBeUndefined();
    expect(errors.map(({ code }) => code)).toContain(codeOf(expected.errors[0]!));
    const found = errors.find(({ code }) => code === codeOf(expected.errors![0]!))!;
    checkSubject(found, errors, expected.about ?? {});
    compared.errors++;
    return;
  }
  expect(errors).toEqual([]);
  const decoded = decode(encode(database!).bytes);
  if (!decoded.ok) throw new Error(decoded.problem.message);
  checkDatabase(decoded.value.database, expected);
  compared.databases++;
}

/** The classes of the recorded errors are our kinds, apart from these. */
const OTHER_KINDS: Readonly<Record<string, keyof typeof CODES>> = {
  'undefined-service': 'undefined-name',
  'fd-clash': 'descriptor-clash',
  'name-newline': 'bad-name',
};

function codeOf(error: string): string {
  return CODES[OTHER_KINDS[error] ?? (error as keyof typeof CODES)];
}

/** What s6-rc's message names must be named by ours. */
function checkSubject(
  found: Diagnostic,
  errors: readonly Diagnostic[],
  about: Readonly<Record<string, string | readonly string[]>>,
): void {
  const text = JSON.stringify(errors.filter(({ code }) => code === found.code));
  for (const [key, value] of Object.entries(about)) {
    const parts = (typeof value === 'string' ? [value] : value).map((part) => JSON.stringify(part.trim()).slice(1, -1));
    // Of a circle, s6-rc names where it came from, which need not be on it.
    if (parts.length > 1)
      expect(
        parts.some((part) => text.includes(part)),
        key,
      ).toBe(true);
    else expect(text, key).toContain(parts[0]);
  }
}

function checkDatabase(database: Database, expected: CompileCase['expect']): void {
  const { names, bundleNames } = database;
  const longruns = database.kinds.filter((kind) => kind === LONGRUN).length;
  same({ longruns, oneshots: names.length - longruns, bundles: bundleNames.length }, expected.total);
  if (expected.sampled !== true) same(names, sorted(Object.keys(expected.services!)));
  same(bundleNames, sorted(Object.keys(expected.bundles!)));
  for (const [name, members] of entriesOf(expected.bundles!))
    expect(namesOf(database, targetsOf(database.bundleMembers, bundleNamed(database, name)!))).toEqual(members);
  for (const [name, service] of entriesOf(expected.services!))
    checkService(database, serviceNamed(database, name)!, service);
}

function checkService(database: Database, id: ServiceId, expected: ExpectedService): void {
  const direct = (edges: Edges<ServiceId>) => namesOf(database, targetsOf(edges, id));
  const all = (edges: Edges<ServiceId>) => namesOf(database, closure(edges, [id]));
  const definition = database.definition(id);
  same(
    {
      type: definition.type,
      timeoutUp: database.timeoutUp[id],
      timeoutDown: database.timeoutDown[id],
      essential: hasFlag(database, id, 'essential'),
      recommended: hasFlag(database, id, 'recommended'),
      dependencies: direct(database.needs),
      dependents: direct(database.neededBy),
      allDependencies: all(database.needs),
      allDependents: all(database.neededBy),
    },
    {
      type: expected.type,
      timeoutUp: expected.timeoutUp,
      timeoutDown: expected.timeoutDown,
      essential: expected.essential,
      recommended: expected.recommended === true,
      dependencies: expected.dependencies,
      dependents: expected.dependents,
      allDependencies: expected.allDependencies,
      allDependents: expected.allDependents,
    },
  );
  if (definition.type === 'oneshot') {
    same(words(definition.up), expected.up);
    same(words(definition.down), expected.down);
    return;
  }
  same(pipelineOf(database, id), expected.pipeline ?? []);
  if (expected.servicedir !== undefined) same(serviceDirectory(definition), normalized(expected.servicedir));
}

/** As `toEqual`, which is slow on thousands of lists that are equal. */
function same(ours: unknown, recorded: unknown): void {
  if (!Bun.deepEquals(ours, recorded)) expect(ours).toEqual(recorded);
}

function words(command: OneshotCommand): Text[] {
  if (command.form === 'script') throw new Error('this is a script');
  return command.argv.map(asText);
}

function pipelineOf(database: Database, id: ServiceId): [string, string][] {
  const both: Edges<ServiceId>[] = [database.producerFor, database.consumerFor];
  const members = new Set([id]);
  for (const member of members)
    for (const edges of both) for (const other of targetsOf(edges, member)) members.add(other);
  const pairs: [string, string][] = [];
  for (const producer of members)
    for (const consumer of targetsOf(database.producerFor, producer))
      pairs.push([database.names[producer]!, database.names[consumer]!]);
  return pairs.sort((a, b) => Buffer.compare(Buffer.from(a.join('\0')), Buffer.from(b.join('\0'))));
}

/** A longrun as the files that s6-supervise would find. */
function serviceDirectory(longrun: Longrun): Tree {
  const tree: Record<string, TreeEntry> = {};
  for (const file of longrun.files) {
    if (file.kind === 'link') tree[file.path] = { link: file.target };
    else tree[file.path] = file.kind === 'directory' ? null : entryOf(file.content, file.mode);
  }
  const settings: Readonly<Record<string, string | number | boolean | null>> = {
    'notification-fd': longrun.notificationFd,
    'lock-fd': longrun.lockFd,
    'timeout-kill': longrun.timeoutKill,
    'timeout-finish': longrun.timeoutFinish,
    'max-death-tally': longrun.maxDeathTally,
    'flag-timeout-killpg': longrun.killProcessGroup,
    'flag-newpidns': longrun.newPidNamespace,
    'down-signal': longrun.downSignal,
    'reload-signal': longrun.reloadSignal,
  };
  for (const [file, value] of Object.entries(settings)) {
    if (value === null || value === false) continue;
    tree[file] = value === true ? '' : `${value}\n`;
  }
  return tree;
}

function entryOf(content: Uint8Array, mode: number): TreeEntry {
  const text = asText(content);
  if (mode === 0o644) return text;
  return typeof text === 'string' ? { mode, text } : { mode, ...text };
}

/** Signals in the form that we keep them in; those that s6-supervise would ignore are left out. */
function normalized(tree: Tree): Tree {
  const copy: Record<string, TreeEntry> = { ...tree };
  for (const file of ['down-signal', 'reload-signal']) {
    const signal = copy[file];
    if (typeof signal !== 'string') continue;
    const known = /^(?:SIG)?(HUP|INT|QUIT|USR1|USR2|TERM|2)\n$/i.exec(signal);
    if (known === null) delete copy[file];
    else copy[file] = `${known[1]!.toUpperCase()}\n`;
  }
  return copy;
}

function namesOf(database: Database, ids: Iterable<number>): string[] {
  return Array.from(ids, (id) => database.names[id]!);
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** With `__proto__` as a key like any other. */
function entriesOf<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.keys(record).map((key) => [key, Object.getOwnPropertyDescriptor(record, key)!.value as T]);
}
