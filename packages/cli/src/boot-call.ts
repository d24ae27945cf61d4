/** `rc-init --change`: what rc-init and then rc-change would tell, and the exit status of the one that ended it. */
import { boot } from '@muster/control/boot';
import type { ControlEvent } from '@muster/control/events';
import type { InitProblem, InitRequest } from '@muster/control/init';
import { changeCallOf } from './change-call.ts';
import { ownTerminal } from './console.ts';
import { complainAboutProblem } from './render/problems.ts';

interface InitVoice {
  readonly program: string;
  readonly others: (event: ControlEvent) => void;
  complainAboutInit(problem: InitProblem): number;
}

/** As `rc-change` without options has it. */
const UP = {
  way: 'up',
  forced: false,
  all: false,
  prune: false,
  release: false,
  noWait: false,
  jobs: undefined,
} as const;

/** `names`: of services and bundles. Returns the exit status. */
export async function bootCall(
  request: InitRequest,
  names: readonly string[],
  { program, others, complainAboutInit }: InitVoice,
): Promise<number> {
  const call = await changeCallOf({ program, json: false, terminal: ownTerminal(), others });
  const booted = await boot({ ...request, change: { ...UP, names } }, call.caller).finally(call.stopDrawing);
  if (booted.ok) return await call.end(booted.value);
  const { during, problem } = booted.problem;
  return during === 'init' ? complainAboutInit(problem) : complainAboutProblem('rc-change', problem);
}
