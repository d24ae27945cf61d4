/** What rc-update and rc-reload have in common: how they are told of, given up, and end. */
import type { Caller } from '@muster/control/caller';
import type { ControlEvent } from '@muster/control/events';
import type { AppliedUpdate } from '@muster/control/update/apply';
import { callerOf } from './caller.ts';
import { Interruption } from './interruption.ts';
import { print, tell } from './output.ts';
import { appliedUpdateAsData, exitOfUpdate, renderAppliedUpdate } from './render/applied-update.ts';
import { tellingPeople } from './render/told.ts';
import { progressInLines, sequence, toldProgress } from './render/told-progress.ts';

interface UpdateCall {
  readonly caller: Caller;
  /** Tells how it ended. Returns the exit status. */
  end(applied: AppliedUpdate): number;
}

/** `planned` is called with the plan, before anything is done. */
export function updateCallOf(
  program: string,
  json: boolean,
  planned: (event: ControlEvent & { readonly event: 'planned' }) => void = () => {},
): UpdateCall {
  const interruption = new Interruption();
  const next = sequence();
  const people = tellingPeople(program);
  const others = (event: ControlEvent): void => {
    switch (event.event) {
      case 'planned':
        planned(event);
        interruption.listen();
        break;
      case 'gives-up':
        tell(`${program}: giving up\n`);
        break;
      default:
        people.emit(event);
    }
  };
  const events = toldProgress((database) => progressInLines(database, json, next), others);
  return {
    caller: callerOf(program, { events, signal: interruption.signal }),
    end: (applied) => {
      interruption.end();
      if (json) print(`${JSON.stringify(appliedUpdateAsData(applied, next()))}\n`);
      else tell(renderAppliedUpdate(program, applied));
      return exitOfUpdate(applied);
    },
  };
}
