/** rc-diff: what differs between source, compiled, live and the machine, and what an update would do. */
import { existsSync } from 'node:fs';
import type { Opened } from '@muster/control/open/read';
import { disagreements } from '@muster/control/status/disagreements';
import { type Planned, type PlanProblem, planTo } from '@muster/control/update/plan';
import { compiledTarget, type Target } from '@muster/control/update/target';
import type { Database } from '@muster/core/model/database';
import { type Change, diff } from '@muster/core/plan/diff/diff';
import { NO_CONVERSION } from '@muster/core/plan/update/conversion';
import { explainUpdate } from '@muster/core/plan/update/reason';
import { type Result, success } from '@muster/core/result';
import { readJournal } from '@muster/store/live/journal';
import { isSwapped } from '@muster/store/live/next-database';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { compiledPath, livePath, rootOf, sourcePath } from '../arguments/paths.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { anySide, complainAboutSide, type SideProblem, sourceSide } from '../diff/sides.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAt } from '../look.ts';
import { print, printsInColor, tell } from '../output.ts';
import { renderChanges, valueAsData } from '../render/changes.ts';
import { type Colors, colorsFor } from '../render/colors.ts';
import { disagreementAsData, renderDisagreements } from '../render/disagreements.ts';
import { renderUpdate } from '../render/update.ts';
import { complainAboutUpdate, planProblemLines } from '../render/update-problems.ts';

const PROGRAM = 'rc-diff';

export const command: Command = {
  summary: 'Shows what differs between source, compiled, live and what runs, and what an update would do',
  operands: '[A B]',
  options: {
    source: { value: 'DIR', help: 'a source directory; may be given more than once (RC_SOURCE)' },
    compiled: { short: 'c', value: 'FILE', help: 'the compiled database (RC_COMPILED)' },
    live: LIVE_OPTION,
    content: { help: 'show how scripts and files differ' },
    plan: { help: 'write the plan that rc-update --plan applies, and nothing else' },
    json: { help: 'as JSON' },
  },
  examples: [
    ['rc-diff', 'source against compiled, compiled against live, live against what runs'],
    ['rc-diff --content /etc/rc/source /run/rc', 'two of them: sources, compiled files, live directories'],
    ['rc-diff --plan > p; rc-update --plan p', 'look at it first, then exactly that'],
  ],
  run,
};

function run(call: Call): number {
  const { operands } = call;
  if (operands.length === 2) return compareTwo(call, operands[0]!, operands[1]!);
  if (operands.length > 0) return wrongUsage(PROGRAM, 'two are needed to compare them');
  const found = sidesOf(call);
  if (!found.ok) return complainAboutSide(PROGRAM, found.problem);
  const sides = found.value;
  const missing = missingIn(sides, call);
  for (const text of missing) tell(`${PROGRAM}: ${text}\n`);
  if (missing.length === 3) return EXIT.invalid;
  try {
    return call.has('plan') ? writePlan(sides) : compareThree(call, sides);
  } finally {
    sides.opened?.records.close();
  }
}

function compareTwo(call: Call, first: string, second: string): number {
  const a = anySide(first);
  if (!a.ok) return complainAboutSide(PROGRAM, a.problem);
  const b = anySide(second);
  if (!b.ok) return complainAboutSide(PROGRAM, b.problem);
  const changes = diff(a.value, b.value);
  const text = call.has('json')
    ? `${JSON.stringify({ version: 1, changes: changes.map((change) => changeAsData(change, null)) })}\n`
    : renderChanges(changes, lookOf(call));
  print(text);
  return changes.length === 0 ? EXIT.success : EXIT.failed;
}

interface Sides {
  /** Each of these is absent if it does not exist and was not asked for. */
  readonly source: Target | undefined;
  readonly compiled: Target | undefined;
  readonly opened: Opened | undefined;
}

function sidesOf(call: Call): Result<Sides, SideProblem> {
  const directories = sourcesOf(call);
  const source = call.has('source') || existsSync(directories[0]!) ? sourceSide(directories) : undefined;
  if (source?.ok === false) return source;
  const file = compiledOf(call);
  const compiled = call.has('compiled') || existsSync(file) ? compiledTarget(file) : undefined;
  if (compiled?.ok === false) return compiled;
  const opened = call.has('live') || existsSync(livePath()) ? lookAt(rootOf(call)) : undefined;
  if (opened?.ok === false) return opened;
  return success({ source: source?.value, compiled: compiled?.value, opened: opened?.value });
}

function missingIn({ source, compiled, opened }: Sides, call: Call): string[] {
  return [
    source === undefined ? `no source at ${sourcesOf(call)[0]}` : '',
    compiled === undefined ? `no compiled database at ${compiledOf(call)}` : '',
    opened === undefined ? `no live directory at ${rootOf(call)}` : '',
  ].filter((text) => text !== '');
}

function sourcesOf(call: Call): readonly string[] {
  return call.has('source') ? call.values('source') : [sourcePath()];
}

function compiledOf(call: Call): string {
  return call.value('compiled') ?? compiledPath();
}

function writePlan({ compiled, opened }: Sides): number {
  if (compiled === undefined || opened === undefined) return EXIT.invalid;
  const made = planFor(opened, compiled);
  if (!made.ok) return complainAboutUpdate(PROGRAM, made.problem);
  print(`${JSON.stringify(made.value.document)}\n`);
  const { base, target, transitions } = made.value.document;
  return transitions.length === 0 && base.database === target.database ? EXIT.success : EXIT.failed;
}

function planFor(opened: Opened, target: Target): Result<Planned, PlanProblem> {
  return planTo(opened, target, { restart: 'changed', stopEssentials: false, conversion: NO_CONVERSION });
}

/** Two of the three ways: what changed, and what an update from live would do about it. */
interface Way {
  readonly changes: readonly Change[];
  readonly plan: Result<Planned, PlanProblem> | undefined;
}

function compareThree(call: Call, { source, compiled, opened }: Sides): number {
  const live = opened?.database;
  const sourceCompiled = wayTo(compiled?.database, source, opened);
  const compiledLive = wayTo(live, compiled, opened);
  const liveObserved = opened === undefined ? [] : disagreements(opened);
  if (call.has('json')) {
    const answer = {
      version: 1,
      sourceCompiled: sourceCompiled.changes.map((change) => changeAsData(change, sourceCompiled)),
      compiledLive: compiledLive.changes.map((change) => changeAsData(change, compiledLive)),
      liveObserved: liveObserved.map(disagreementAsData),
    };
    print(`${JSON.stringify(answer)}\n`);
  } else {
    const { colors } = lookOf(call);
    section('source, not compiled yet:', renderChanges(sourceCompiled.changes, lookOf(call)), colors);
    section('compiled, not live yet:', renderChanges(compiledLive.changes, lookOf(call)), colors);
    section('live, and not what runs:', renderDisagreements(liveObserved), colors);
    section('update:', interruptionText(opened), colors);
    section('rc-update would:', consequences(compiledLive, colors), colors);
  }
  const differences = sourceCompiled.changes.length + compiledLive.changes.length + liveObserved.length;
  return differences === 0 && movesNothing(compiledLive) ? EXIT.success : EXIT.failed;
}

/** From the database `before` to `target`. */
function wayTo(before: Database | undefined, target: Target | undefined, opened: Opened | undefined): Way {
  if (before === undefined || target === undefined) return { changes: [], plan: undefined };
  const plan = opened === undefined ? undefined : planFor(opened, target);
  // From what is live: with the instances that live on.
  const next = before === opened?.database && plan?.ok ? plan.value.target.database : target.database;
  return { changes: diff(before, next), plan };
}

/** An update would neither do anything nor refuse to. */
function movesNothing({ plan: made }: Way): boolean {
  return made === undefined || (made.ok && made.value.document.transitions.length === 0);
}

function consequences({ plan: made }: Way, colors: Colors): string {
  if (made === undefined) return '';
  if (!made.ok)
    return planProblemLines(made.problem)
      .map((line) => `  refuse: ${line}\n`)
      .join('');
  if (made.value.document.transitions.length === 0) return '';
  return renderUpdate(made.value.document, colors).replace(/^/gm, '  ').replace(/^ +$/gm, '');
}

function section(title: string, body: string, colors: Colors): void {
  if (body !== '') print(`${colors.bold(title)}\n${body}`);
}

/** Readers need no journal: what `db` leads to is the truth, until somebody who changes something sees to the rest. */
function interruptionText(opened: Opened | undefined): string {
  const journal = opened === undefined ? null : readJournal(opened.live.paths.journal);
  if (opened === undefined || journal === null) return '';
  const end = isSwapped(opened.live.paths, journal, opened.live.generation) ? 'completes' : 'undoes';
  return `  '${journal.command}' is under way; if it was interrupted, the next command ${end} it\n`;
}

function lookOf(call: Call) {
  return { colors: colorsFor(printsInColor()), content: call.has('content') };
}

/** `action` and `reason`: what an update from what is live would do with the service. */
function changeAsData({ service, kind, was, fields }: Change, way: Way | null) {
  const document = way?.plan?.ok ? way.plan.value.document : undefined;
  const transition = document?.transitions.findLast((step) => step.service === service);
  const action = document === undefined ? null : actionOf(service, document);
  return {
    service,
    kind,
    ...(was === undefined ? {} : { was }),
    fields: fields.map(({ name, from, to }) => ({ name, from: valueAsData(from), to: valueAsData(to) })),
    action,
    reason: transition === undefined ? null : explainUpdate(transition.reason),
  };
}

function actionOf(service: string, document: Planned['document']): string | null {
  const lists = ['stop', 'start', 'restart', 'reload', 'keep'] as const;
  return lists.find((list) => document[list].includes(service)) ?? null;
}
