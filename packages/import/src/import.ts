/** From originals to the files of a source in memory, with the report, and what the compiler says of them. Nothing is written. */
import { compile } from '@muster/core/compile/compile';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import { failure, type Result, success } from '@muster/core/result';
import { definitionEncoding } from '@muster/store/database/definition-encoding';
import { Account } from './account/account.ts';
import type { ImportReport } from './account/directive.ts';
import { type ImportedSource, makeSource } from './definitions/make.ts';
import { treeOf } from './definitions/tree.ts';
import type { FileReader } from './files/reader.ts';
import type { ImportFormat, ImportProblem, ImportRequest } from './format.ts';

export interface ImportResult extends ImportedSource {
  readonly report: ImportReport;
  /** What the compiler says of it: nothing, if all is well. */
  readonly diagnostics: readonly Diagnostic[];
}

export function importFrom(
  format: ImportFormat,
  request: ImportRequest,
  files: FileReader,
): Result<ImportResult, readonly ImportProblem[]> {
  const account = new Account(format.name);
  const read = format.read(request, files, account);
  if (!read.ok) return failure(read.problem);
  const made =
    read.value.kind === 'source'
      ? read.value
      : makeSource(read.value.services, read.value.bundles, account, { logDirectory: request.logDirectory });
  // Programs and users are those of another machine.
  const { diagnostics } = compile([treeOf(made.files)], {
    encoding: definitionEncoding,
    interpreterExists: () => true,
  });
  return success({ files: made.files, services: made.services, report: account.close(), diagnostics });
}
