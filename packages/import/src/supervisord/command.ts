/** `command`, with the environment and the directory that are needed to run it. */
import type { ImportRequest } from '../format.ts';
import type { ImportedProgram, SettingsFrom } from '../model/service.ts';
import { type Sourced, sourced } from '../model/value.ts';
import type { Names } from './expansions.ts';
import { withForeground } from './foreground.ts';
import type { Inherited } from './program.ts';
import type { Expanded } from './python-format.ts';
import type { SectionReader } from './section-reader.ts';
import { withoutShell } from './shell-forms.ts';
import { splitCommand, splitPairs } from './shlex.ts';

/** By whose rules rc-exec puts the words together. */
const RULES = 'supervisord';

export interface CommandContext {
  readonly names: Names;
  readonly inherited: Inherited;
  readonly request: ImportRequest;
  readonly group: string;
  readonly instances: readonly string[] | null;
}

export interface ImportedCommand {
  readonly run: Sourced<ImportedProgram>;
  readonly environment: readonly Sourced<readonly [name: string, value: string]>[];
  readonly settings: Pick<SettingsFrom, 'workingDirectory'>;
  /** In a template, with what each instance puts in. Null if it says none. */
  readonly processName: Sourced<string> | null;
}

/** Null if nothing can be run, which is told. */
export function commandOf(reader: SectionReader, context: CommandContext): ImportedCommand | null {
  const { inherited, request, group, instances } = context;
  const environment = new Environment(reader);
  const global = environment.read(inherited.environment, context.names);
  const names = environment.read(reader.raw('environment'), global);
  const processName = reader.raw('process_name');
  const shownName = names.forStart(processName?.value ?? '%(program_name)s');
  const directory = expanded(reader, reader.raw('directory'), names);
  const command = expanded(reader, reader.raw('command'), names);
  if (!shownName.ok && processName !== null) reader.tell(processName.from, shownName.problem);
  if (command === null) {
    if (reader.header !== null)
      reader.tell([reader.header], 'has no command that could be run: no service is made of it');
    return null;
  }
  const supervisor = [
    ['SUPERVISOR_ENABLED', '1'],
    ['SUPERVISOR_GROUP_NAME', group],
  ] as const;
  const isLate =
    instances !== null || environment.isLate || !command.value.isFinal || directory?.value.isFinal === false;
  const made = { processName: shownName.ok ? nameOf(processName, shownName.value) : null };
  const all = [...environment.pairs, ...supervisor.map((pair) => sourced(pair, null))];
  if (!isLate) {
    const words = wordsOf(reader, command, request);
    if (words === null) return null;
    const own = sourced(['SUPERVISOR_PROCESS_NAME', shownName.ok ? shownName.value.text : ''] as const, null);
    return { ...made, run: words, environment: [...all, own], settings: finalDirectory(directory) };
  }
  // What rc-exec is found by must not change before it is found.
  const later = all.filter(({ value: [name] }) => name === 'PATH');
  const options = [
    ...environment.late.map((text) => `--environment=${text}`),
    ...later.map(({ value: [name, value] }) => `--environment=${doubled(`${name}="${value}"`)}`),
    `--environment=SUPERVISOR_PROCESS_NAME="${template(shownName.ok ? shownName.value : { text: '', isFinal: true })}"`,
    ...(directory === null ? [] : [`--directory=${template(directory.value)}`]),
  ];
  const from = [
    ...command.from,
    ...environment.lateFrom,
    ...later.flatMap(({ from }) => from),
    ...(directory?.from ?? []),
  ];
  const words = [...options, RULES, '--', template(command.value)];
  const rest = all.filter((pair) => !later.includes(pair));
  return { ...made, run: { value: { kind: 'late', words }, from }, environment: rest, settings: {} };
}

function nameOf(processName: Sourced<string> | null, { text }: Expanded): Sourced<string> | null {
  return processName === null ? null : { ...processName, value: text.replace(/%\(process_num\)\w*/, '%i') };
}

function finalDirectory(directory: Sourced<Expanded> | null): Pick<SettingsFrom, 'workingDirectory'> {
  return directory === null ? {} : { workingDirectory: { from: directory.from, value: directory.value.text } };
}

function expanded(reader: SectionReader, raw: Sourced<string> | null, names: Names): Sourced<Expanded> | null {
  if (raw === null) return null;
  const result = names.forStart(raw.value);
  if (result.ok) return { value: result.value, from: raw.from };
  reader.tell(raw.from, result.problem);
  return null;
}

/** As what expands it once more reads it. */
function template({ text, isFinal }: Expanded): string {
  return isFinal ? doubled(text) : text;
}

function doubled(text: string): string {
  return text.replaceAll('%', '%%');
}

function wordsOf(
  reader: SectionReader,
  { value, from }: Sourced<Expanded>,
  request: ImportRequest,
): Sourced<ImportedProgram> | null {
  const split = splitCommand(value.text);
  if (!split.ok || split.value.length === 0) {
    const why = split.ok ? 'it is empty' : split.problem;
    reader.tell(from, `can never be started: ${why}`, 'a ; or # behind a blank begins a comment, inside of quotes too');
    if (reader.header !== null)
      reader.tell([reader.header], 'has no command that could be run: no service is made of it');
    return null;
  }
  const simple = withoutShell(split.value);
  const { words, option } = withForeground(simple ?? split.value, request.root);
  const changes = [
    ...(simple === null ? [] : ['is started without the shell']),
    ...(option === null ? [] : [`gets ${option}, which keeps it in the foreground`]),
  ];
  const [program = ''] = words;
  if (program.includes('/') && !program.startsWith('/')) {
    const message = `${program} is looked for from supervisord's directory there, and from its own here`;
    reader.tell(from, message, 'give its whole path');
  }
  const run: ImportedProgram = { kind: 'words', words };
  return changes.length === 0 ? sourced(run, from) : sourced(run, from, changes.join(', and '));
}

/** `environment` of the whole and of the program: what is known now, and what is known at start. */
class Environment {
  readonly late: string[] = [];
  readonly lateFrom: Sourced<string>['from'][number][] = [];
  readonly #pairs = new Map<string, Sourced<readonly [name: string, value: string]>>();
  readonly #reader: SectionReader;

  constructor(reader: SectionReader) {
    this.#reader = reader;
  }

  get isLate(): boolean {
    return this.late.length > 0;
  }

  get pairs(): readonly Sourced<readonly [name: string, value: string]>[] {
    return [...this.#pairs.values()];
  }

  /** The names that what comes after it has. */
  read(text: Sourced<string> | null, names: Names): Names {
    if (text === null) return names;
    const found = expanded(this.#reader, text, names);
    if (found === null) return names;
    if (!found.value.isFinal) {
      this.late.push(found.value.text);
      this.lateFrom.push(...found.from);
      return names;
    }
    const { pairs, lost, problem } = splitPairs(found.value.text);
    for (const pair of pairs) this.#pairs.set(pair[0], { value: pair, from: found.from });
    if (problem !== null) this.#reader.tell(found.from, `supervisord does not start with this: ${problem}`);
    if (lost.length > 0) this.#reader.change(found.from, `${lost.join(', ')} is not read by supervisord, nor here`);
    if (pairs.length === 0 && problem === null) this.#reader.takes(found.from, 'run');
    return names.with(pairs.map(([name, value]) => [`ENV_${name}`, value] as const));
  }
}
