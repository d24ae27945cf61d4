/** `producer-for`, `consumer-for`, `pipeline-name` of one longrun. */
import type { DefinitionFiles } from './files.ts';
import { readNameFile } from './lists.ts';
import { NO_REFERENCES, type Reference, type References } from './parsed.ts';

export interface PipelineFiles {
  readonly producerFor: References;
  readonly consumerFor: References;
  readonly pipelineName: Reference | null;
}

export function readPipeline(files: DefinitionFiles): PipelineFiles {
  const consumer = files.has('producer-for') ? readOneName(files, 'producer-for', 'producer-for-not-one') : null;
  const producerFor = consumer === null ? NO_REFERENCES : { list: 'producer-for', entries: [consumer] };
  const consumerFor = readNameFile(files, 'consumer-for') ?? NO_REFERENCES;
  return { producerFor, consumerFor, pipelineName: readPipelineName(files, consumerFor) };
}

/** It counts only on the last consumer of a pipeline; elsewhere it is not even read. */
function readPipelineName(files: DefinitionFiles, consumerFor: References): Reference | null {
  if (!files.has('pipeline-name')) return null;
  if (!files.has('producer-for') && consumerFor.entries.length > 0)
    return readOneName(files, 'pipeline-name', 'pipeline-name-not-one');
  files.report.add('pipeline-name-unused', `pipeline-name is ignored: ${files.name} is not the last of a pipeline`, {
    at: files.place('pipeline-name'),
    hint: 'move it to the last consumer, the one that is no producer itself',
  });
  return null;
}

function readOneName(
  files: DefinitionFiles,
  file: string,
  kind: 'producer-for-not-one' | 'pipeline-name-not-one',
): Reference | null {
  const names = readNameFile(files, file);
  if (names === null) return null;
  if (names.entries.length === 1) return names.entries[0]!;
  if (names.refused > 0) return null;
  const [, second] = names.entries;
  files.report.add(kind, `${file} must hold exactly one name, and it holds ${names.entries.length}`, {
    at: files.place(file, second?.line ?? 1),
    hint:
      kind === 'producer-for-not-one' && second !== undefined
        ? 'a producer has one consumer; a consumer may have many producers'
        : undefined,
  });
  return null;
}
