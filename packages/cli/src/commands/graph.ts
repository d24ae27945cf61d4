/** rc-graph: the graph of services, out of a compiled database, or with the states of a live directory. */

import type { BadDatabase, Unusable } from '@muster/control/problems';
import { closure } from '@muster/core/graph/closure';
import { type Database, everyService, type ServiceId } from '@muster/core/model/database';
import { type Result, success } from '@muster/core/result';
import type { Call, Command } from '../arguments/command.ts';
import { rootOf } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../output.ts';
import { DATABASE_OPTIONS, openNamed, resolveNames } from '../read-database.ts';
import { complain } from '../render/complain.ts';
import { graphAsData, renderDot, renderMermaid, renderTree, type Subject } from '../render/graph.ts';
import { complainAboutProblem } from '../render/problems.ts';

const PROGRAM = 'rc-graph';
const FORMATS = ['dot', 'json', 'mermaid', 'svg', 'text'] as const;

export const command: Command = {
  summary: 'Draw services and what they need',
  operands: '[NAME…]',
  options: {
    ...DATABASE_OPTIONS,
    json: { help: '--format json' },
    format: { short: 'f', value: 'FORMAT', choices: FORMATS, help: `${FORMATS.join(', ')} (default: text)` },
  },
  examples: [
    ['rc-graph web', 'a tree of what web needs'],
    ['rc-graph --live /run/rc', 'the services of a live directory, and how they are'],
    ['rc-graph --format svg > services.svg', 'a picture'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const wanted = call.has('json') ? 'json' : (call.value('format') ?? 'text');
  const format = FORMATS.find((known) => known === wanted);
  if (format === undefined) return wrongUsage(PROGRAM, `formats are ${FORMATS.join(', ')}, not '${wanted}'`);
  const found = call.has('live') && !call.has('compiled') ? await liveSubject(call) : await compiledSubject(call);
  if (!found.ok) return complainAboutProblem(PROGRAM, found.problem);
  const subject = found.value;
  const { database } = subject;
  const resolved = resolveNames(database, call.operands);
  if (!resolved.ok) return complainAboutProblem(PROGRAM, resolved.problem);
  const named = resolved.value;
  const shown = call.operands.length === 0 ? everyService(database) : closure(database.needs, named);
  switch (format) {
    case 'text':
      print(renderTree(subject, call.operands.length === 0 ? tops(database) : named));
      return EXIT.success;
    case 'dot':
      print(renderDot(subject, shown));
      return EXIT.success;
    case 'json':
      print(`${JSON.stringify(graphAsData(subject, shown))}\n`);
      return EXIT.success;
    case 'mermaid':
      print(renderMermaid(subject, shown));
      return EXIT.success;
    case 'svg':
      return await drawSvg(subject, shown);
  }
}

async function compiledSubject(call: Call): Promise<Result<Subject, BadDatabase | Unusable>> {
  const opened = await openNamed(call);
  return opened.ok ? success({ database: opened.value.database, states: null }) : opened;
}

async function liveSubject(call: Call): Promise<Result<Subject, Unusable>> {
  const [{ lookAt }, { statusesOf }] = await Promise.all([
    import('../look.ts'),
    import('@muster/control/status/service-status'),
  ]);
  const opened = lookAt(rootOf(call));
  if (!opened.ok) return opened;
  const { database, records } = opened.value;
  const statuses = statusesOf(opened.value, everyService(database));
  records.close();
  return success({ database, states: new Map(statuses.map(({ service, state }) => [service, state.name])) });
}

/** What nothing else needs. */
function tops(database: Database): ServiceId[] {
  const { offsets } = database.neededBy;
  return everyService(database).filter((id) => offsets[id] === offsets[id + 1]);
}

async function drawSvg(subject: Subject, shown: readonly ServiceId[]): Promise<number> {
  const { MOST_IN_A_PICTURE, renderSvg } = await import('../render/graph-svg.ts');
  if (shown.length > MOST_IN_A_PICTURE) {
    const hint = 'name services to see what they need, or take --format dot and a program for large graphs';
    complain(
      PROGRAM,
      `a picture of ${shown.length} services would show nothing (at most ${MOST_IN_A_PICTURE})`,
      EXIT.failed,
    );
    return complain(PROGRAM, hint, EXIT.failed);
  }
  print(renderSvg(subject, shown));
  return EXIT.success;
}
