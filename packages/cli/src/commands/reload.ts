/** rc-reload: after editing a source, one command: compile, show what differs, update. */
import type { ControlEvent } from '@muster/control/events';
import { reload } from '@muster/control/update/reload';
import { diff } from '@muster/core/plan/diff/diff';
import { deadlineIn } from '@muster/posix/deadline';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { compiledPath, rootOf, sourcePath } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { EXIT } from '../exit-codes.ts';
import { print, printsInColor } from '../output.ts';
import { renderChanges } from '../render/changes.ts';
import { colorsFor } from '../render/colors.ts';
import { renderUpdate } from '../render/update.ts';
import { complainAboutUpdate } from '../render/update-problems.ts';
import { TRUST_OPTION } from '../trust.ts';
import { updateCallOf } from '../update-call.ts';

const PROGRAM = 'rc-reload';

export const command: Command = {
  summary: 'Compiles the source and updates to it, all of it or nothing',
  operands: '[SOURCE…]',
  options: {
    compiled: { short: 'c', value: 'FILE', help: 'the compiled database to replace (RC_COMPILED)' },
    'force-essentials': { short: 'e', help: 'stop essential services like any other' },
    'dry-run': { short: 'n', help: 'show what would happen, and do nothing' },
    'trust-source': TRUST_OPTION,
    timeout: { short: 't', value: 'TIME', help: 'for everything together' },
    'no-wait': { help: 'exit 6 instead of waiting for another command' },
    json: { help: 'print events as JSON' },
    live: LIVE_OPTION,
  },
  examples: [['rc-reload', 'after editing /etc/rc/source']],
  acts: true,
  run,
};

async function run(call: Call): Promise<number> {
  const timeout = timeoutFrom(call);
  if (!timeout.ok) return wrongUsage(PROGRAM, timeout.problem);
  const json = call.has('json');
  const { caller, end } = updateCallOf(PROGRAM, json, json ? undefined : showPlan);
  const request = {
    root: rootOf(call),
    sources: call.operands.length === 0 ? [sourcePath()] : call.operands,
    trustsSources: call.has('trust-source'),
    compiled: call.value('compiled') ?? compiledPath(),
    stopEssentials: call.has('force-essentials'),
    onlyPlans: call.has('dry-run'),
    noWait: call.has('no-wait'),
    deadline: deadlineIn(timeout.value),
  };
  const reloaded = await reload(request, caller);
  if (!reloaded.ok) return complainAboutUpdate(PROGRAM, reloaded.problem);
  return reloaded.value === null ? EXIT.success : end(reloaded.value);
}

function showPlan({ document, before, next }: ControlEvent & { readonly event: 'planned' }): void {
  const colors = colorsFor(printsInColor());
  print(renderChanges(diff(before, next), { colors, content: false }));
  print(renderUpdate(document, colors));
}
