/**
 * rc-wait: until services are up, ready or down. Starts and stops nothing. It goes on over updates, with what the names stand
 * for by then; what is no more, in a database or with the whole live directory, is down, and will not be up.
 */

import type { Opened } from '@muster/control/open/read';
import type { Selected } from '@muster/control/open/select';
import { followSuccession } from '@muster/control/open/succession';
import { isUnstable } from '@muster/control/stability';
import { type Condition, conditionUnderLease } from '@muster/core/model/condition';
import type { Database, ServiceId } from '@muster/core/model/database';
import type { Observation } from '@muster/core/model/observation';
import type { ServiceRecord } from '@muster/core/model/record';
import { select, servicesNamed } from '@muster/core/plan/goal';
import { supervisorOf } from '@muster/supervisors/supervisors';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAtSelected } from '../look.ts';
import { print, tell } from '../output.ts';
import { complainAboutNames } from '../render/complain.ts';
import { listed, namesOf } from '../render/names.ts';
import { complainAboutProblem } from '../render/problems.ts';

const PROGRAM = 'rc-wait';
type Way = 'up' | 'ready' | 'down';

/** Milliseconds between looks at what nobody tells: the records. */
const LOOK = 200;

export const command: Command = {
  summary: 'Waits until services are up, ready or down',
  operands: 'NAME…',
  options: {
    up: { short: 'u', help: 'until they run' },
    ready: { short: 'U', help: 'until they are up and ready (the default)' },
    down: { short: 'd', help: 'until they are down' },
    timeout: { short: 't', value: 'TIME', help: 'not longer; then exit 2' },
    json: { help: 'as JSON: what was waited for in vain' },
    live: LIVE_OPTION,
  },
  examples: [['rc-wait -t 30s db && psql', 'go on when the database is ready']],
  run,
};

async function run(call: Call): Promise<number> {
  const ways = (['up', 'ready', 'down'] as const).filter((way) => call.has(way));
  if (ways.length > 1) return wrongUsage(PROGRAM, `--${ways.join(' and --')} do not go together`);
  if (call.operands.length === 0) return wrongUsage(PROGRAM, 'for which service?');
  const limit = timeoutFrom(call) ?? 0;
  if (typeof limit === 'string') return wrongUsage(PROGRAM, limit);
  const looked = lookAtSelected(call);
  if (!looked.ok) return complainAboutProblem(PROGRAM, looked.problem);
  const opened = looked.value;
  const way = ways[0] ?? 'ready';
  const outcome = await wait(opened, call.operands, way, limit);
  const { end, database, missing } = outcome;
  const names = namesOf(database, missing);
  if (call.has('json'))
    print(`${JSON.stringify({ version: 1, ok: end === 'so', late: names, ...whyAsData(outcome) })}\n`);
  switch (end) {
    case 'so':
      return EXIT.success;
    case 'late':
      if (!call.has('json')) tell(`${PROGRAM}: not ${way} in time: ${listed(names)}\n`);
      return EXIT.timedOut;
    case 'gone':
      tell(`${PROGRAM}: an update has changed what there is\n`);
      return complainAboutNames(PROGRAM, outcome.gone, database);
    case 'ended':
      tell(`${PROGRAM}: ${opened.live.paths.root} has ended; not ${way}: ${listed(names)}\n`);
      return EXIT.failed;
  }
}

interface Waited {
  /** All is so; or time ran out, an update has taken away what `gone` names, or the live directory has ended. */
  readonly end: 'so' | 'late' | 'gone' | 'ended';
  /** The last database. */
  readonly database: Database;
  /** Those in it that are not so. */
  readonly missing: readonly ServiceId[];
  /** Names that were given. */
  readonly gone: readonly string[];
}

function whyAsData({ end, gone }: Waited): object {
  if (end === 'gone') return { gone };
  return end === 'ended' ? { ended: true } : {};
}

/** At most for `limit` milliseconds (0: no limit). */
function wait(first: Selected, names: readonly string[], way: Way, limit: number): Promise<Waited> {
  let opened: Opened = first;
  let supervisor = supervisorOf(opened);
  let missing: readonly ServiceId[] = first.chosen;
  return new Promise((resolve) => {
    const look = () => {
      missing = missing.filter((service) => !isSo(opened.records.read(service), supervisor.observe(service), way));
      if (missing.length === 0) end('so');
    };
    const watchMissing = () => supervisor.watch(missing, look);
    let watch = watchMissing();
    const move = (next: Opened) => {
      watch.close();
      opened.records.close();
      const { selection, unknown } = select(next.database, names);
      const gone =
        way === 'down' ? unknown.filter((name) => !isRemoved(opened.database, next.database, name)) : unknown;
      opened = next;
      supervisor = supervisorOf(opened);
      missing = servicesNamed(selection);
      watch = watchMissing();
      if (gone.length > 0) end('gone', gone);
      else look();
    };
    const following = followSuccession(first, LOOK, {
      looks: () => {},
      moved: move,
      ended: () => {
        // What ended with it is down.
        if (way === 'down') missing = [];
        end(way === 'down' ? 'so' : 'ended');
      },
    });
    const looks = setInterval(look, LOOK);
    const deadline = limit === 0 ? undefined : setTimeout(() => end('late'), limit);
    const end = (how: Waited['end'], gone: readonly string[] = []) => {
      watch.close();
      following.close();
      clearInterval(looks);
      clearTimeout(deadline);
      resolve({ end: how, database: opened.database, missing, gone });
    };
    look();
  });
}

function isSo(record: ServiceRecord, seen: Observation, way: Way): boolean {
  if (way !== 'down' && isUnstable(record, seen)) return false;
  if (way === 'up' && seen.kind === 'longrun' && seen.state === 'up') return true;
  const sought: Condition = way === 'down' ? 'down' : 'up';
  return conditionUnderLease(record, seen) === sought;
}

/** An update stops what it removes. What it renames goes on. */
function isRemoved(before: Database, after: Database, name: string): boolean {
  return before.names.includes(name) && !after.renamedFrom.some((earlier) => earlier.includes(name));
}
