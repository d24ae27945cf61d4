import { overlaySettings, untakenVariables } from '@muster/import/s6-overlay/settings';
import { expect, test } from 'vitest';

const settings = (variables: Record<string, string>) => overlaySettings(new Map(Object.entries(variables)));

test('without variables all is as s6-overlay has it', () => {
  expect(settings({})).toEqual({
    keepEnvironment: false,
    path: '/command:/usr/bin:/bin',
    commandPrefix: [],
    hook: null,
    ifBootFails: 0,
    waitsForServices: false,
    bootLimit: null,
    servicesGrace: 3000,
    finishLimit: 5000,
    grace: null,
    verbosity: 2,
    profile: null,
    bundleDirectory: null,
  });
});

test('what variables say is taken, and what is no number is as if it were not there', () => {
  const told = settings({
    S6_KEEP_ENV: '1',
    S6_BEHAVIOUR_IF_STAGE2_FAILS: '2',
    S6_CMD_WAIT_FOR_SERVICES: '1',
    S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '7000',
    S6_KILL_GRACETIME: '20000',
    S6_SERVICES_GRACETIME: 'soon',
    S6_CMD_ARG0: 'env -u X',
    S6_VERBOSITY: '',
  });
  expect(told).toMatchObject({
    keepEnvironment: true,
    ifBootFails: 2,
    waitsForServices: true,
    bootLimit: 7000,
    servicesGrace: 3000,
    grace: 23_000,
    commandPrefix: ['env', '-u', 'X'],
    verbosity: 2,
  });
});

test.each([
  ['/usr/sbin:/usr/bin', '/command:/bin:/usr/sbin:/usr/bin'],
  ['/bin:/usr/bin:/command', '/bin:/usr/bin:/command'],
])('PATH %s has what s6-overlay adds: %s', (given, path) => {
  expect(settings({ PATH: given }).path).toBe(path);
});

test('variables that ask for what there is not are told, those that ask for nothing are not', () => {
  const variables = {
    S6_SYNC_DISKS: '1',
    S6_LOGGING: '0',
    S6_WAIT_FOR_CLOSING_FD: '0',
    S6_NEW: 'x',
    S6_VERBOSITY: '1',
    SIX: '6',
  };
  expect(untakenVariables(new Map(Object.entries(variables)))).toEqual([
    'S6_NEW: it is not a variable that is known here',
    'S6_SYNC_DISKS: file systems are not synced',
  ]);
});
