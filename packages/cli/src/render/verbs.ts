/** What is done to a service, in a word. */
export const VERBS = { up: 'start', down: 'stop', reload: 'reload' } as const;
