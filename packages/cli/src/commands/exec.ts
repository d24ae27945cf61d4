/** rc-exec: becomes a program whose words are known only when it starts, put together by another supervisor's rules. */
import { hostname } from 'node:os';
import { explainCode } from '@muster/core/diagnostics/system-errors';
import { type ReadyCommand, RULES } from '@muster/import/exec/rules';
import { passOnInheritedDescriptors } from '@muster/posix/descriptors';
import { originalEnvironment } from '@muster/posix/environment';
import { originalOpenFilesLimit } from '@muster/posix/limits';
import { programPath } from '@muster/posix/program-path';
import { Spawner } from '@muster/posix/spawn';
import type { Call, Command } from '../arguments/command.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { complain } from '../render/complain.ts';

const PROGRAM = 'rc-exec';

export const command: Command = {
  summary: 'Becomes a program whose words are put together by the rules of another supervisor',
  operands: 'RULES WORD…',
  options: {
    environment: { value: 'TEXT', help: 'variables, as the other supervisor writes them; may be repeated' },
    directory: { value: 'TEXT', help: 'where it is started' },
    'called-as': { value: 'NAME', help: 'what the program is told that it is called' },
    'open-files': { value: 'NUMBER', help: 'the soft limit of open files to give it' },
  },
  examples: [["rc-exec supervisord -- 'web --port %(ENV_PORT)s'", 'what rc-import writes into run for such a command']],
  run,
};

function run(call: Call): number {
  passOnInheritedDescriptors();
  const [name = '', ...words] = call.operands;
  const rules = RULES.get(name);
  if (rules === undefined || words.length === 0)
    return wrongUsage(PROGRAM, `rules and words are needed; there are the rules of ${[...RULES.keys()].join(', ')}`);
  const own = environmentOf(originalEnvironment());
  const request = { words, environment: call.values('environment'), directory: call.value('directory') ?? null };
  const ready = rules(request, { environment: own, hostname: hostname() });
  if (!ready.ok) return complain(PROGRAM, ready.problem, EXIT.systemCall);
  return become(ready.value, own, { openFiles: call.value('open-files'), calledAs: call.value('called-as') });
}

function environmentOf(entries: Uint8Array): ReadonlyMap<string, string> {
  const texts = Buffer.from(entries).toString('utf8').split('\0');
  return new Map(
    texts
      .filter((text) => text.includes('=', 1))
      .map((text) => [text.slice(0, text.indexOf('=', 1)), text.slice(text.indexOf('=', 1) + 1)]),
  );
}

/** Returns only if that fails. */
function become(
  { argv, environment, directory }: ReadyCommand,
  own: ReadonlyMap<string, string>,
  { openFiles, calledAs }: Readonly<Record<'openFiles' | 'calledAs', string | undefined>>,
): number {
  const all = new Map([...own, ...environment]);
  const [program] = argv;
  const path = program.includes('/') ? program : programPath(program, all.get('PATH') ?? '');
  if (path === null) return complain(PROGRAM, `${program} is in no directory of PATH`, EXIT.systemCall);
  const entries = Buffer.from([...all].map(([name, value]) => `${name}=${value}\0`).join(''));
  const limit = originalOpenFilesLimit();
  const soft = openFiles !== undefined && /^\d+$/.test(openFiles) ? BigInt(openFiles) : limit.soft;
  if (directory !== null) {
    try {
      process.chdir(directory);
    } catch (error) {
      return complain(
        PROGRAM,
        `${directory}: ${explainCode((error as NodeJS.ErrnoException).code ?? String(error))}`,
        EXIT.systemCall,
      );
    }
  }
  return new Spawner({ soft, hard: limit.hard }, entries).become(path, [calledAs ?? program, ...argv.slice(1)]);
}
