/** rc-wait: until services are up, ready or down. Starts and stops nothing. */
import { type Condition, conditionUnderLease } from '@muster/core/model/condition';
import type { ServiceId } from '@muster/core/model/database';
import { isUnstable } from '@muster/supervise/stability';
import { supervisorOf } from '@muster/supervise/supervisors';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import type { Opened } from '../open/read.ts';
import { openSelected } from '../open/select.ts';
import { print, tell } from '../output.ts';
import { listed, namesOf } from '../render/names.ts';

const PROGRAM = 'rc-wait';
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
  const opened = openSelected(PROGRAM, call);
  if (typeof opened === 'number') return opened;
  const late = await wait(opened, opened.chosen, ways[0] ?? 'ready', limit);
  const names = namesOf(opened.database, late);
  if (call.has('json')) print(`${JSON.stringify({ version: 1, ok: late.length === 0, late: names })}\n`);
  else if (late.length > 0) tell(`${PROGRAM}: not ${ways[0] ?? 'ready'} in time: ${listed(names)}\n`);
  return late.length === 0 ? EXIT.success : EXIT.timedOut;
}

/** Those that are not so after `limit` milliseconds (0: no limit). */
function wait(
  opened: Opened,
  services: readonly ServiceId[],
  way: 'up' | 'ready' | 'down',
  limit: number,
): Promise<ServiceId[]> {
  const supervisor = supervisorOf(opened);
  const isSo = (service: ServiceId): boolean => {
    const seen = supervisor.observe(service);
    const record = opened.records.read(service);
    if (way !== 'down' && isUnstable(record, seen)) return false;
    if (way === 'up' && seen.kind === 'longrun' && seen.state === 'up') return true;
    const sought: Condition = way === 'down' ? 'down' : 'up';
    return conditionUnderLease(record, seen) === sought;
  };
  let missing = [...services];
  return new Promise((resolve) => {
    const look = () => {
      missing = missing.filter((service) => !isSo(service));
      if (missing.length === 0) end();
    };
    const watch = supervisor.watch(services, look);
    const looks = setInterval(look, LOOK);
    const deadline = limit === 0 ? undefined : setTimeout(() => end(), limit);
    const end = () => {
      watch.close();
      clearInterval(looks);
      clearTimeout(deadline);
      resolve(missing);
    };
    look();
  });
}
