/** What a service executes, as text. */
import type { Definition, OneshotCommand } from '@muster/core/model/definition';
import { RUN_FILE } from '@muster/store/live/service-files';
import { asText, type Text } from './database.ts';

interface Script {
  readonly text: string | Uint8Array;
  readonly data: { readonly argv: readonly Text[] } | { readonly text: Text };
}

/** By file name: `up`, `down`, `reload`, or `run`, `finish`, `ready-check` and whatever else the longrun brings along. */
export function scriptsOf(definition: Definition): ReadonlyMap<string, Script> {
  const scripts = new Map<string, Script>();
  switch (definition.type) {
    case 'oneshot':
      scripts.set('up', commandScript(definition.up));
      scripts.set('down', commandScript(definition.down));
      if (definition.reload !== null) scripts.set('reload', commandScript(definition.reload));
      break;
    case 'longrun':
      for (const first of [true, false])
        for (const file of definition.files)
          if (file.kind === 'file' && (file.path === RUN_FILE) === first)
            scripts.set(file.path, { text: file.content, data: { text: asText(file.content) } });
      break;
  }
  return scripts;
}

function commandScript(command: OneshotCommand): Script {
  if (command.form === 'script') return { text: command.content, data: { text: asText(command.content) } };
  const argv = command.argv.map(asText);
  const text = argv
    .map((word) => `${typeof word === 'string' ? JSON.stringify(word) : `base64:${word.base64}`}\n`)
    .join('');
  return { text, data: { argv } };
}
