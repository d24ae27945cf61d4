/** Ten updates, each of which moves something else. Daemons write nothing and wait; every longrun is one process. */
import type { Tree } from '../compile/trees.ts';
import { daemon, oneshot } from '../update/definitions.ts';

export interface Scenario {
  readonly name: string;
  readonly before: Tree;
  /** What is up before the update. */
  readonly up: readonly string[];
  readonly after: Tree;
  readonly args?: readonly string[];
  /** Conversion files, there and back. */
  readonly conversion?: readonly [there: string, back: string];
}

type Files = Readonly<Record<string, string>>;

const script = (name: string, needs: readonly string[] = [], { up = 'true\n', ...files }: Files = {}): Tree => ({
  ...oneshot(name, up, { down: 'true\n', ...files }),
  ...Object.fromEntries(needs.map((need) => [`${name}/dependencies.d/${need}`, ''])),
});

const bundle = (name: string, members: readonly string[]): Tree => ({
  [`${name}/type`]: 'bundle\n',
  ...Object.fromEntries(members.map((member) => [`${name}/contents.d/${member}`, ''])),
});

const CHANGED = { run: '#!/bin/sh\n# changed\nexec sleep 1000000\n' };
const base: Tree = { ...script('prepare'), ...daemon('db', ['prepare']), ...daemon('web', ['db']), ...daemon('other') };
const all = ['db', 'other', 'prepare', 'web'];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'content of a daemon in the middle',
    before: base,
    up: all,
    after: { ...base, ...daemon('db', ['prepare'], CHANGED) },
  },
  {
    name: 'a daemon removed, a new one needed',
    before: base,
    up: all,
    after: {
      ...script('prepare'),
      ...daemon('db', ['prepare']),
      ...daemon('cache'),
      ...daemon('web', ['db', 'cache']),
    },
  },
  {
    name: 'types swapped between two',
    before: base,
    up: all,
    after: { ...daemon('prepare'), ...daemon('db', ['prepare']), ...script('web', ['db']), ...daemon('other') },
  },
  {
    name: 'names swapped while they run',
    before: { ...daemon('x'), ...daemon('y', ['x'], CHANGED) },
    up: ['x', 'y'],
    after: { ...daemon('y'), ...daemon('x', ['y'], CHANGED) },
    conversion: ['x -> y\ny -> x\n', 'x -> y\ny -> x\n'],
  },
  {
    name: 'a daemon and a oneshot renamed by their definitions',
    before: base,
    up: all,
    after: {
      ...script('setup', [], { 'renamed-from': 'prepare\n' }),
      ...daemon('database', ['setup'], { 'renamed-from': 'db\n' }),
      ...daemon('web', ['database']),
      ...daemon('other'),
    },
  },
  {
    name: 'a daemon becomes a bundle',
    before: base,
    up: all,
    after: {
      ...script('prepare'),
      ...daemon('db', ['prepare']),
      ...daemon('front', ['db']),
      ...daemon('back', ['db']),
      ...bundle('web', ['front', 'back']),
      ...daemon('other'),
    },
  },
  {
    name: 'a pipeline appears, and its consumer is renamed on the way',
    before: {
      ...daemon('p', [], { 'producer-for': 'l\n' }),
      ...daemon('l', [], { 'consumer-for': 'p\n' }),
      ...daemon('q'),
    },
    up: ['l', 'p', 'q'],
    after: {
      ...daemon('p', [], { 'producer-for': 'log\n' }),
      ...daemon('q', [], { 'producer-for': 'qlog\n' }),
      ...daemon('log', [], { 'consumer-for': 'p\n', 'renamed-from': 'l\n' }),
      ...daemon('qlog', [], { 'consumer-for': 'q\n' }),
    },
  },
  {
    name: 'files of a data directory become directories, and nothing restarts',
    before: {
      ...base,
      ...daemon('keeps', [], { 'on-update': 'keep\n', 'data/a': 'file', 'data/b/c': 'deep', 'data/same': '1' }),
    },
    up: [...all, 'keeps'],
    after: {
      ...base,
      ...daemon('keeps', [], { 'on-update': 'keep\n', 'data/a/x': 'deep', 'data/b': 'file', 'data/same': '1' }),
    },
  },
  {
    name: 'an essential service restarts, forced',
    before: { ...base, ...daemon('vital', ['other'], { 'flag-essential': '' }) },
    up: [...all, 'vital'],
    after: { ...base, ...script('new'), ...daemon('vital', ['other', 'new'], { 'flag-essential': '' }) },
    args: ['-e'],
  },
  {
    name: 'the same database, and everything restarts',
    before: base,
    up: all,
    after: base,
    args: ['--restart', 'all'],
  },
];
