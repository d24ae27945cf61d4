/**
 * Pipelines. A producer has one consumer, a consumer any number of producers, and both sides must say so. A producer
 * needs its consumer. `pipeline-name` on the last consumer names the whole as a bundle.
 */

import type { Report } from '../diagnostics/report.ts';
import { stepsAround } from '../graph/cycles.ts';
import type { EdgeList } from '../graph/edge-list.ts';
import { entryOf, LONGRUN, type ServiceId, serviceId } from '../model/database.ts';
import { showName } from './names.ts';
import {
  isService,
  type Parsed,
  type ParsedBundle,
  type ParsedService,
  placeOf,
  type Reference,
  referenceTo,
} from './parsed.ts';
import type { Resolution } from './resolution.ts';

/** Adds the bundles that `pipeline-name` files name. */
export function addPipelineBundles(definitions: Map<string, Parsed>, report: Report): void {
  const named = [...definitions.values()].filter(isNamedConsumer);
  for (const consumer of named) {
    const { name, line } = consumer.pipelineName;
    const at = placeOf(consumer, 'pipeline-name', consumer.pipelineName);
    const other = definitions.get(name);
    if (other !== undefined) {
      report.add('duplicate', `${showName(name)}, which this pipeline-name defines, is defined twice`, {
        at,
        notes: [{ message: 'it is also defined here', at: { file: other.path } }],
        hint: 'choose another name for the pipeline',
      });
      continue;
    }
    const bundle: ParsedBundle = {
      kind: 'bundle',
      name,
      path: at.file,
      place: () => (line > 0 ? at : { file: at.file }),
      flags: 0,
      description: '',
      contents: { list: 'pipeline-name', entries: membersOf(consumer, definitions, report) },
    };
    definitions.set(name, bundle);
  }
}

type NamedConsumer = ParsedService & { readonly pipelineName: Reference };

function isNamedConsumer(parsed: Parsed): parsed is NamedConsumer {
  return isService(parsed) && parsed.pipelineName !== null;
}

/** The consumer and everything that produces for it, directly or through others. */
function membersOf(consumer: NamedConsumer, definitions: ReadonlyMap<string, Parsed>, report: Report): Reference[] {
  const members = new Map<string, Reference>();
  const path = [{ service: consumer as ParsedService, next: 0 }];
  members.set(consumer.name, { name: consumer.name, line: -1, onRestart: 0 });
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const reference = top.service.consumerFor.entries[top.next++];
    if (reference === undefined) {
      path.pop();
      continue;
    }
    const producer = definitions.get(reference.name);
    if (producer === undefined || producer.kind !== LONGRUN) continue;
    const ring = path.findIndex(({ service }) => service === producer);
    if (ring !== -1)
      reportRing(
        consumer,
        path.slice(ring).map(({ service }) => service),
        report,
      );
    else if (!members.has(producer.name)) {
      members.set(producer.name, { name: producer.name, line: -1, onRestart: 0 });
      path.push({ service: producer, next: 0 });
    }
  }
  return [...members.values()];
}

function reportRing(named: NamedConsumer, ring: readonly ParsedService[], report: Report): void {
  const notes = stepsAround(ring).map(([consumer, producer]) => {
    const reference = referenceTo(producer.name, consumer.consumerFor);
    return {
      message: `${showName(consumer.name)} consumes from ${showName(producer.name)}`,
      at: placeOf(consumer, consumer.consumerFor.list, reference),
    };
  });
  report.add('pipeline-cycle', `the producers of the pipeline ${showName(named.pipelineName.name)} run in a ring`, {
    at: notes[0]?.at,
    notes,
    hint: 'a pipeline has an end: remove one of these names',
  });
}

/** Checks both sides of every pipe, and adds the edges from producers to their consumers. */
export function resolvePipelines(
  services: readonly ParsedService[],
  resolution: Resolution,
  pipes: EdgeList<ServiceId>,
  report: Report,
): void {
  services.forEach((service, id) => {
    for (const reference of service.producerFor.entries) {
      const consumer = resolveEnd(service, service.producerFor.list, reference, services, resolution, report);
      if (consumer === null) continue;
      pipes.add(serviceId(id), consumer.id);
      if (!consumer.service.consumerFor.entries.some(({ name }) => name === service.name))
        reportOneSided(service, consumer.service, 'producer', reference, report);
    }
    for (const reference of service.consumerFor.entries) {
      const producer = resolveEnd(service, service.consumerFor.list, reference, services, resolution, report);
      if (producer !== null && !producer.service.producerFor.entries.some(({ name }) => name === service.name))
        reportOneSided(service, producer.service, 'consumer', reference, report);
    }
  });
}

function resolveEnd(
  owner: ParsedService,
  list: string,
  reference: Reference,
  services: readonly ParsedService[],
  resolution: Resolution,
  report: Report,
): { readonly id: ServiceId; readonly service: ParsedService } | null {
  const target = resolution.resolve(owner, list, reference);
  if (target === null || target.kind === 'broken') return null;
  const service = target.kind === 'service' ? entryOf(services, target.id) : null;
  if (target.kind === 'service' && service?.kind === LONGRUN) return { id: target.id, service };
  const type = target.kind === 'bundle' ? 'bundle' : 'oneshot';
  report.add('pipeline-wrong-type', `${showName(reference.name)} is a ${type}: only longruns have pipes between them`, {
    at: placeOf(owner, list, reference),
    hint: type === 'bundle' ? 'name the longruns themselves' : 'remove the name, or make it a longrun',
  });
  return null;
}

function reportOneSided(
  service: ParsedService,
  other: ParsedService,
  role: 'producer' | 'consumer',
  reference: Reference,
  report: Report,
): void {
  const list = role === 'producer' ? service.producerFor.list : service.consumerFor.list;
  const answer = role === 'producer' ? 'consumer-for' : 'producer-for';
  const verb = role === 'producer' ? 'produces for' : 'consumes from';
  const at = placeOf(service, list, reference);
  const message = `${showName(service.name)} ${verb} ${showName(other.name)}, which does not say so`;
  const taken = role === 'consumer' ? other.producerFor.entries[0] : undefined;
  if (taken === undefined) {
    report.add('pipeline-inconsistent', message, {
      at,
      notes: [{ message: `the other side belongs here`, at: other.place(answer) }],
      hint: `add the line ${showName(service.name)} to ${other.place(answer).file}, or remove this one`,
    });
    return;
  }
  const place = placeOf(other, other.producerFor.list, taken);
  report.add('pipeline-inconsistent', message, {
    at,
    notes: [{ message: `${showName(other.name)} produces for ${showName(taken.name)}`, at: place }],
    hint: `a producer has one consumer: remove this line, or change ${place.file}`,
  });
}
