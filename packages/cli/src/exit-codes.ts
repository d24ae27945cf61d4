/** What every command's exit status means. A contract: numbers are added, never changed. */
export const EXIT = {
  success: 0,
  /** What was asked did not (all) happen, or a difference or failure was found. */
  failed: 1,
  timedOut: 2,
  unknownName: 3,
  /** Invalid or foreign database or live directory. */
  invalid: 4,
  /** Refused: essential, conflict, stale plan, self-deadlock. */
  refused: 5,
  /** Somebody else is at it. As s6-rc-update: a conversion names one service twice. */
  busy: 6,
  /** rc-update: before the swap a service did not stop; all is as it was. */
  rolledBack: 9,
  rolledBackOnTimeout: 10,
  usage: 100,
  systemCall: 111,
} as const;
