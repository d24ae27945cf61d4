/** What keeps an update, or a reload, from being planned or carried out: told to people, with the exit status that it has. */

import type { BrokenOff } from '@muster/control/update/apply';
import type { Moved, PlanProblem } from '@muster/control/update/plan';
import type { ReloadSourceProblem } from '@muster/control/update/reload';
import type { NoGeneration } from '@muster/control/update/target';
import type { UpdateProblems } from '@muster/control/update/update';
import { diagnosticOf, explainProblem, type UpdateProblem } from '@muster/core/plan/update/problem';
import { explainUpdate } from '@muster/core/plan/update/reason';
import type { UpdateRefusal } from '@muster/core/plan/update/update';
import { EXIT } from '../exit-codes.ts';
import { tell } from '../output.ts';
import { complain, complainAbout, exitOfObstacles, obstacleText } from './complain.ts';
import { complainAboutProblem } from './problems.ts';
import { exitOfProblems } from './update-exits.ts';

export function complainAboutUpdate(program: string, problem: UpdateProblems | ReloadSourceProblem): number {
  switch (problem.kind) {
    case 'obstacles':
    case 'unclear':
    case 'refused':
      return complainAboutPlan(program, problem);
    case 'moved':
      return complainAboutMoves(program, problem);
    case 'no-generation':
      return complainAboutGenerations(program, problem);
    case 'broken-off':
      return complainAboutError(program, problem);
    case 'broken-source':
      return EXIT.failed;
    case 'distrusted-source':
      for (const found of problem.diagnostics)
        complainAbout({ ...found, hint: `${found.hint}, or say --trust-source` });
      return EXIT.refused;
    default:
      return complainAboutProblem(program, problem);
  }
}

function complainAboutPlan(program: string, problem: PlanProblem): number {
  const status = exitOfPlan(problem);
  if (problem.kind === 'unclear') for (const each of problem.problems) complainAbout(diagnosticOf(each, problem.file));
  else for (const line of planProblemLines(problem)) complain(program, line, status);
  return status;
}

function exitOfPlan(problem: PlanProblem): number {
  switch (problem.kind) {
    case 'obstacles':
      return exitOfObstacles(problem.obstacles);
    case 'unclear':
      return exitOfProblems(problem.problems);
    case 'refused':
      return EXIT.refused;
  }
}

/** Why there is no plan, for people. */
export function planProblemLines(problem: PlanProblem): string[] {
  switch (problem.kind) {
    case 'obstacles':
      return problem.obstacles.map(obstacleText);
    case 'unclear':
      return problem.problems.map((each) => problemLine(each, problem.file));
    case 'refused':
      return problem.refusals.map(refusalText);
  }
}

function problemLine(problem: UpdateProblem, file: string): string {
  const line = 'line' in problem ? problem.line : 0;
  return line === 0 ? explainProblem(problem) : `${file}:${line}: ${explainProblem(problem)}`;
}

function refusalText(refusal: UpdateRefusal): string {
  switch (refusal.kind) {
    case 'essential': {
      const { service, reason } = refusal;
      return `${service} is essential and would be stopped (${explainUpdate(reason)}): only -e stops it`;
    }
    case 'conflict':
      return `${refusal.services.join(' and ')} are up and conflict in the new database: stop one of them first`;
  }
}

function complainAboutMoves(program: string, problem: Moved): number {
  complain(program, 'the world has moved since this plan was made, so nothing was done:', EXIT.refused);
  const lines = 'moved' in problem ? problem.moved : planProblemLines(problem.because);
  for (const line of lines) tell(`  ${line}\n`);
  return EXIT.refused;
}

function complainAboutGenerations(program: string, { kept }: NoGeneration): number {
  const known = kept === 0 ? 'none is kept' : `${kept} are kept`;
  return complain(program, `there is no generation to go back to: of those before this one ${known}`, EXIT.failed);
}

function complainAboutError(program: string, { error, isDamage, root, isUnderWay }: BrokenOff): number {
  const place = error.message.includes(root) ? error.message : `${error.message} (below ${root})`;
  const state = isUnderWay
    ? 'the update is not complete: call it again, or any other command, once that is seen to'
    : 'nothing was changed';
  return complain(program, `${place}: ${state}`, isDamage ? EXIT.invalid : EXIT.systemCall);
}
