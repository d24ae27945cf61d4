/** `producer-for`, `consumer-for`, `pipeline-name` of one longrun. */
import type { DefinitionFiles } from './files.ts';
import { readNameFile } from './lists.ts';
import { showName } from './names.ts';
import { NO_REFERENCES, type Reference, type References } from './parsed.ts';

export interface PipelineFiles {
  readonly producerFor: References;
  readonly consumerFor: References;
  readonly pipelineName: Reference | null;
}

export function readPipeline(files: DefinitionFiles): PipelineFiles {
  const producerFor = files.has('producer-for') ? readOneName(files, 'producer-for', 'producer-for-not-one') : null;
  const consumerFor = readNameFile(files, 'consumer-for') ?? NO_REFERENCES;
  return { producerFor: producerFor ?? NO_REFERENCES, consumerFor, pipelineName: readPipelineName(files, consumerFor) };
}

/** It counts only on the last consumer of a pipeline; elsewhere it is not even read. */
function readPipelineName(files: DefinitionFiles, consumerFor: References): Reference | null {
  if (!files.has('pipeline-name')) return null;
  if (!files.has('producer-for') && consumerFor.entries.length > 0)
    return readOneName(files, 'pipeline-name', 'pipeline-name-not-one')?.entries[0] ?? null;
  files.report.add(
    'pipeline-name-unused',
    `pipeline-name is ignored: ${showName(files.name)} is not the last of a pipeline`,
    {
      at: files.place('pipeline-name'),
      hint: 'move it to the last consumer, the one that is no producer itself',
    },
  );
  return null;
}

/** All that it names, even if that is reported: so that the other sides do not seem to be alone. */
function readOneName(
  files: DefinitionFiles,
  file: string,
  kind: 'producer-for-not-one' | 'pipeline-name-not-one',
): References | null {
  const names = readNameFile(files, file);
  if (names === null || names.entries.length === 1 || names.refused > 0) return names;
  const [, second] = names.entries;
  files.report.add(kind, `${file} must hold exactly one name, and it holds ${names.entries.length}`, {
    at: files.place(file, second?.line ?? 1),
    hint:
      kind === 'producer-for-not-one' && second !== undefined
        ? 'a producer has one consumer; a consumer may have many producers'
        : 'write one name, or remove the file',
  });
  return names;
}
