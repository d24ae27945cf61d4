/** What control tells while something is done, in words. */
import type { ControlEvent, ControlEventSink } from '@muster/control/events';
import { outlivedDirectory } from '@muster/store/live/open';
import { tell, tellsInColor } from '../output.ts';
import { complainAbout } from './complain.ts';
import { renderDiagnostics } from './diagnostics.ts';
import { listed, namesOf } from './names.ts';
import { visible } from './visible.ts';

export function tellingPeople(program: string): ControlEventSink {
  let isOutlivedTold = false;
  return {
    emit: (event) => {
      // Once, however often a command looks.
      if (event.event === 'outlived' && isOutlivedTold) return;
      isOutlivedTold ||= event.event === 'outlived';
      tellPeople(program, event);
    },
  };
}

function tellPeople(program: string, event: ControlEvent): void {
  switch (event.event) {
    case 'outlived':
      complainAbout({ ...outlivedDirectory(event.live), severity: 'warning' });
      break;
    case 'clears-outlived': {
      const hint = event.afresh ? 'it is made afresh' : 'it is removed';
      complainAbout({ ...outlivedDirectory(event.live), severity: 'warning', hint });
      break;
    }
    case 'strays-ended':
      for (const { service, pid } of event.strays)
        tell(`${program}: ${service} (pid ${pid}) had no supervisor any more: ended\n`);
      break;
    case 'unknown-user':
      tell(`${program}: ${event.service} cannot be started: there is no user ${visible(event.user)}\n`);
      break;
    case 'odd':
      tell(`${program}: ${event.what}\n`);
      break;
    case 'waiting':
      tell(`waiting  for ${event.holder}\n`);
      break;
    case 'tree-differs':
      tellDifferences(event.differences);
      break;
    case 'recovered':
      tellRecovery(program, event);
      break;
    case 'instance-left-out':
      tell(`${program}: the instance ${event.name} is left out: ${event.why}\n`);
      break;
    case 'compiled':
      tell(renderDiagnostics(event.diagnostics, { color: tellsInColor() }));
      break;
    case 'planned':
    case 'begins':
    case 'step':
    case 'gives-up':
    case 'still-stopping':
    case 'ended':
    case 'overrides':
    case 'forces':
    case 'terminal-lent':
    case 'terminal-returned':
      break;
  }
}

/** In what the supervision tree that runs is unlike the first one. */
export function tellDifferences(differences: readonly string[]): void {
  if (differences.length === 0) return;
  tell('the supervision tree was started again, and could not be given all that the first one had:\n');
  for (const difference of differences) tell(`  ${difference}\n`);
}

function tellRecovery(program: string, { database, recovery }: ControlEvent & { readonly event: 'recovered' }): void {
  const { kind, command, began, outcome, unplaced } = recovery;
  tell(`${program}: '${command}' of ${new Date(began).toISOString()} was interrupted, and is ${kind} now\n`);
  if (unplaced !== null) tell(`${program}: but ${unplaced.message}\n`);
  if (outcome.failed.length === 0) return;
  const failed = outcome.failed.map(({ service }) => service);
  tell(`${program}: meanwhile these failed: ${listed(namesOf(database, failed))}\n`);
}
