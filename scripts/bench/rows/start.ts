/** What a command costs that does nothing, beside a program that is compiled in the same way and writes one line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MUSTER, type RowPlan, timed } from '../shared/row.ts';
import { must } from '../shared/s6-scandir.ts';
import { isHere } from '../shared/site.ts';

export const BARE = 'floor: a bare program of the runtime';

export function startRow(directory: string): RowPlan {
  return {
    title: 'start of a command (rc-change --version)',
    unit: 'ms',
    bars: [{ of: BARE, atMost: 1.15 }],
    open: async () => {
      const bare = await bareProgram(directory);
      const command = join(import.meta.dirname, '../../../build/rc-change');
      const peer = isHere('s6-rc') ? [{ who: 's6-rc help', once: () => timed(() => must(['s6-rc', 'help'])) }] : [];
      return [
        { who: MUSTER, once: () => timed(() => must([command, '--version'])) },
        ...peer,
        { who: BARE, once: () => timed(() => must([bare])) },
      ];
    },
  };
}

async function bareProgram(directory: string): Promise<string> {
  const program = join(directory, 'bare');
  writeFileSync(`${program}.ts`, `import { writeSync } from 'node:fs';\nwriteSync(1, 'one line\\n');\n`);
  await Bun.build({
    entrypoints: [`${program}.ts`],
    target: 'bun',
    format: 'esm',
    minify: true,
    bytecode: true,
    compile: { outfile: program },
  });
  return program;
}
