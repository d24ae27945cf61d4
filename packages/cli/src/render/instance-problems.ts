/** What keeps an instance from being made, changed or removed: told to people, with the exit status that it has. */
import type { InstanceProblem } from '@muster/control/instances/problems';
import { showName } from '@muster/core/compile/names';
import { EXIT } from '../exit-codes.ts';
import { tell, tellsInColor } from '../output.ts';
import { complain, complainAboutObstacles } from './complain.ts';
import { renderDiagnostics } from './diagnostics.ts';
import { listed } from './names.ts';
import { complainAboutProblem } from './problems.ts';

export function complainAboutInstance(program: string, problem: InstanceProblem): number {
  switch (problem.kind) {
    case 'bad-request':
      return complain(program, problem.why, EXIT.usage);
    case 'no-template':
      return complain(program, `what is live has no template ${showName(problem.template)}`, EXIT.unknownName);
    case 'no-instance':
      return complain(program, `there is no instance ${showName(problem.name)}: rc-instance list`, EXIT.unknownName);
    case 'other-variables':
      return complain(
        program,
        `${showName(problem.name)} is there with other variables: rc-instance env changes them`,
        EXIT.refused,
      );
    case 'of-source':
      return complain(
        program,
        `${showName(problem.name)} is defined by the source: change it there, and rc-reload`,
        EXIT.refused,
      );
    case 'no-variables':
      return complain(
        program,
        `${showName(problem.template)} is a oneshot, and only longruns have variables of their own`,
        EXIT.refused,
      );
    case 'unmakeable':
      tell(renderDiagnostics(problem.diagnostics, { color: tellsInColor() }));
      return EXIT.refused;
    case 'circle':
      return complain(program, `${listed(problem.names)} would wait for each other in a circle`, EXIT.refused);
    case 'obstacles':
      return complainAboutObstacles(program, problem.obstacles);
    case 'still-up':
      return complain(program, `not down: ${listed(problem.names)}; --down stops them first`, EXIT.refused);
    case 'needed':
      return complain(
        program,
        `${showName(problem.name)} is needed by ${listed(problem.by)}: remove that first`,
        EXIT.refused,
      );
    default:
      return complainAboutProblem(program, problem);
  }
}
