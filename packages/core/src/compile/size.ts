/** How much all definitions together may hold: a database has at most 4 GiB. */
import type { Report } from '../diagnostics/report.ts';
import type { Definition, OneshotCommand } from '../model/definition.ts';
import type { ParsedService } from './parsed.ts';

/** Bytes of scripts and files. */
const LARGEST = 2 ** 31;

export function checkSize(services: readonly ParsedService[], report: Report): void {
  let total = 0;
  for (const { definition, path } of services) {
    total += sizeOf(definition);
    if (total <= LARGEST) continue;
    report.add('too-large', `the scripts and files of all services together have more than ${LARGEST} bytes`, {
      at: { file: path },
      hint: 'keep large files outside of the source, and let the scripts find them there',
    });
    return;
  }
}

function sizeOf(definition: Definition): number {
  switch (definition.type) {
    case 'longrun':
      return definition.files.reduce((sum, file) => sum + (file.kind === 'file' ? file.content.length : 0), 0);
    case 'oneshot':
      return [definition.up, definition.down, definition.reload].reduce((sum, command) => sum + lengthOf(command), 0);
  }
}

function lengthOf(command: OneshotCommand | null): number {
  if (command === null) return 0;
  return command.form === 'script' ? command.content.length : command.argv.reduce((sum, word) => sum + word.length, 0);
}
