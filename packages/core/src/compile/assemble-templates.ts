/** From parsed templates to those of a database. */

import { edgesFrom } from '../graph/edges.ts';
import { present } from '../invariant.ts';
import { entryOf, ON_DEPENDENCY_RESTART, ON_UPDATE, type ServiceId, serviceId } from '../model/database.ts';
import type { Template, TemplateIndex, TemplateTable } from '../model/template.ts';
import { readinessFlag } from './assemble.ts';
import { compareNames } from './names.ts';
import type { ParsedService, References } from './parsed.ts';
import type { WrittenTemplate } from './templates.ts';

/** `services`: all, by id. */
export function assembleTemplates(
  written: readonly WrittenTemplate[],
  services: readonly Pick<ParsedService, 'name'>[],
): TemplateTable {
  const instanceNames = new Set(written.flatMap(({ instances }) => instances));
  const ids = new Map<string, ServiceId>();
  services.forEach(({ name }, id) => {
    if (instanceNames.has(name)) ids.set(name, serviceId(id));
  });
  return {
    names: written.map(({ service }) => service.name),
    flags: Uint8Array.from(written, ({ service }) => service.flags | readinessFlag(service.definition)),
    instances: edgesFrom<TemplateIndex, ServiceId>(
      written.map(({ instances }) => instances.flatMap((name) => ids.get(name) ?? [])),
    ),
    template: (index) => templateOf(entryOf(written, index).service),
  };
}

function templateOf(service: ParsedService): Template {
  return {
    definition: service.definition,
    timeoutUp: service.timeoutUp,
    timeoutDown: service.timeoutDown,
    onUpdate: present(ON_UPDATE[service.onUpdate], 'a parsed service has an index into ON_UPDATE'),
    description: service.description,
    renamedFrom: service.renamedFrom.map(({ name }) => name),
    dependencies: service.dependencies.entries
      .map(({ name, onRestart }) => ({
        name,
        onRestart: present(ON_DEPENDENCY_RESTART[onRestart], 'a reference has an index into ON_DEPENDENCY_RESTART'),
      }))
      .sort((a, b) => compareNames(a.name, b.name)),
    wants: namesOf(service.wants),
    after: namesOf(service.after),
    before: namesOf(service.before),
    conflicts: namesOf(service.conflicts),
    producerFor: service.producerFor.entries[0]?.name ?? null,
    consumerFor: namesOf(service.consumerFor),
    pipelineName: service.pipelineName?.name ?? null,
    logger: service.logger?.service.definition.type === 'longrun' ? service.logger.service.definition : null,
  };
}

/** In an order that is not that of a directory. */
function namesOf({ entries }: References): string[] {
  return [...new Set(entries.map(({ name }) => name))].sort(compareNames);
}
