/** What can be wrong with a live directory or the database behind it, as diagnostics. */
import { CODES, type LiveDiagnosticKind } from '@muster/core/diagnostics/codes';
import type { Diagnostic } from '@muster/core/diagnostics/diagnostic';
import type { DatabaseRefusal } from '../database/open.ts';

export function problem(kind: LiveDiagnosticKind, file: string, message: string, hint: string): Diagnostic {
  return { code: CODES[kind], severity: 'error', message, at: { file }, notes: [], hint };
}

/** A file of the live directory is not what it was written as. */
export class Damaged extends Error {
  override readonly name: string = 'Damaged';
  readonly diagnostic: Diagnostic;

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.diagnostic = damaged(path, message);
  }
}

/** Of the database of a live directory, from why it cannot be opened. */
export function unusable(file: string, { refusal, message }: Pick<DatabaseRefusal, 'refusal' | 'message'>): Diagnostic {
  switch (refusal) {
    case 'private':
      return problem('private-database', file, message, 'ask as the user who owns it');
    case 'other-version':
      return problem('damaged-live-directory', file, message, OF_ANOTHER_MUSTER);
    default:
      return damaged(file, message);
  }
}

const OF_ANOTHER_MUSTER =
  'the Muster that made it goes on with it; rc-shutdown takes it away, with all that runs in it, and rc-init makes it anew';

/** The live directory that a command works on was taken away, or another one is in its place: nothing it holds counts there. */
export class TakenAway extends Error {
  override readonly name = 'TakenAway';
  readonly diagnostic: Diagnostic;

  constructor(root: string) {
    const message = 'the live directory was taken away, or made anew, while this command was under way';
    super(`${root}: ${message}`);
    this.diagnostic = problem('no-live-directory', root, message, 'what was not done yet is not done; call it again');
  }
}

export function damaged(file: string, message: string): Diagnostic {
  const hint = 'rc-init repairs it; rc-shutdown takes the live directory away, with all that runs in it';
  return problem('damaged-live-directory', file, message, hint);
}
