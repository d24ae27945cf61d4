/** Why something is in a plan, in words. */
import type { Database } from '@muster/core/model/database';
import type { Reason, Refusal } from '@muster/core/plan/plan';

export function reasonText({ names }: Database, reason: Reason): string {
  switch (reason.why) {
    case 'named':
      return 'you asked for it';
    case 'needed-by':
      return `${names[reason.because]} needs it`;
    case 'wanted-by':
      return `${names[reason.because]} wants it`;
    case 'needs':
      return `it needs ${names[reason.because]}`;
    case 'conflicts-with':
      return `it conflicts with ${names[reason.because]}`;
    case 'pruned':
      return 'it does not belong to the selection';
    case 'released':
      return 'nothing needs it any more';
    case 'was-up':
      return 'it was up';
    case 'restarted-with':
      return `${names[reason.because]} restarts`;
    default:
      return reason satisfies never;
  }
}

export function refusalText({ names }: Database, refusal: Refusal): string {
  const service = names[refusal.service];
  switch (refusal.why) {
    case 'essential':
      return refusal.for === refusal.service
        ? `${service} is essential: only -D stops it`
        : `${service} is essential, and would stop with ${names[refusal.for]}: only -D stops it`;
    case 'needed-by-essential':
      return `${service} cannot stop: the essential service ${names[refusal.essential]} needs it`;
    case 'conflict':
      return `${service} and ${names[refusal.with]} conflict: they cannot be up together`;
    case 'not-up':
      return `${service} is not up, so there is nothing to restart or reload`;
    case 'no-reload':
      return `${service} has no reload`;
    default:
      return refusal satisfies never;
  }
}
