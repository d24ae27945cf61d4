/** A template as a map with named fields, in the same manner as the definition that is in it: definition-form.ts. */
import { ON_DEPENDENCY_RESTART, ON_UPDATE } from '@muster/core/model/database';
import type { Template, TemplateDependency } from '@muster/core/model/template';
import { DEFINITION, LONGRUN, NUMBER } from './definition-form.ts';
import { field, fieldOrNull, fieldUnless, list, literal, record, TEXT } from './form.ts';

function names(key: string) {
  return fieldUnless<readonly string[]>(key, list(TEXT), [], (names) => names.length === 0);
}

const DEPENDENCY = record<TemplateDependency>({
  name: field('name', TEXT),
  onRestart: fieldUnless<TemplateDependency['onRestart']>('on-restart', literal(...ON_DEPENDENCY_RESTART), 'restart'),
});

export const TEMPLATE = record<Template>({
  definition: field('definition', DEFINITION),
  timeoutUp: fieldUnless('timeout-up', NUMBER, 0),
  timeoutDown: fieldUnless('timeout-down', NUMBER, 0),
  onUpdate: field('on-update', literal(...ON_UPDATE)),
  description: fieldUnless('description', TEXT, ''),
  renamedFrom: names('renamed-from'),
  dependencies: fieldUnless<Template['dependencies']>(
    'dependencies',
    list(DEPENDENCY),
    [],
    ({ length }) => length === 0,
  ),
  wants: names('wants'),
  after: names('after'),
  before: names('before'),
  conflicts: names('conflicts'),
  producerFor: fieldOrNull('producer-for', TEXT),
  consumerFor: names('consumer-for'),
  pipelineName: fieldOrNull('pipeline-name', TEXT),
  logger: fieldOrNull('logger', LONGRUN),
});
