/** Where a live directory and the machine disagree: for people, and as data. */
import type { Disagreement } from '@muster/control/status/disagreements';
import { exitText } from './progress.ts';

const WORDS: Readonly<Record<Disagreement['kind'], string>> = {
  died: 'died',
  'started-by-hand': 'started by hand',
  stale: 'stale',
  unsupervised: 'unsupervised',
};

const STATES: Readonly<Record<Disagreement['kind'], { readonly from: string; readonly to: string }>> = {
  died: { from: 'up', to: 'down' },
  'started-by-hand': { from: 'down', to: 'up' },
  stale: { from: 'older', to: 'newer' },
  unsupervised: { from: 'up', to: 'unknown' },
};

export function renderDisagreements(found: readonly Disagreement[]): string {
  const width = Math.max(0, ...found.map(({ service }) => service.length));
  return found.map((each) => `  ! ${each.service.padEnd(width)}  ${WORDS[each.kind]}: ${reasonOf(each)}\n`).join('');
}

export function disagreementAsData(found: Disagreement) {
  const { service, kind } = found;
  return { service, kind, fields: [{ name: 'state', ...STATES[kind] }], action: null, reason: reasonOf(found) };
}

function reasonOf(found: Disagreement): string {
  switch (found.kind) {
    case 'died':
      return found.exit === null ? 'it is down' : exitText(found.exit);
    case 'started-by-hand':
      return 'something else than Muster started it';
    case 'stale':
      return 'its definition is newer than its process';
    case 'unsupervised':
      return found.odd ?? 'no supervisor answers (rc-init starts it again)';
  }
}
