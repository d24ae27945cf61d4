/** Programs of s6-overlay's that the executable is when it is called by one of these names: what images lack, scripts find. */

const NAMES = [
  'logutil-service',
  'printcontenv',
  's6-setuidgid',
  's6-svc',
  's6-svok',
  's6-svscanctl',
  's6-svstat',
  's6-svwait',
  'with-contenv',
] as const;

export type OfferedName = (typeof NAMES)[number];

export const OFFERED: ReadonlySet<string> = new Set(NAMES);
