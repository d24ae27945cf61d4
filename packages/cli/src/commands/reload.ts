/** rc-reload: after editing a source, one command: compile, show what differs, update. */
import { resolve } from 'node:path';
import { openForUpdating } from '@muster/control/open/update';
import { diff } from '@muster/core/plan/diff/diff';
import { NO_CONVERSION } from '@muster/core/plan/update/conversion';
import { deadlineIn } from '@muster/posix/deadline';
import { stageFile } from '@muster/store/write-file';
import { type Call, type Command, LIVE_OPTION } from '../arguments/command.ts';
import { compiledPath, rootOf, sourcePath } from '../arguments/paths.ts';
import { timeoutFrom } from '../arguments/timeout.ts';
import { wrongUsage } from '../arguments/usage.ts';
import { callerOf } from '../caller.ts';
import { compiledSource } from '../diff/sides.ts';
import { EXIT } from '../exit-codes.ts';
import { print, printsInColor } from '../output.ts';
import { renderChanges } from '../render/changes.ts';
import { colorsFor } from '../render/colors.ts';
import { complainAbout } from '../render/complain.ts';
import { complainAboutProblem } from '../render/problems.ts';
import { renderUpdate } from '../render/update.ts';
import { distrustedIn, sourcesAt, TRUST_OPTION } from '../trust.ts';
import { applyUpdate } from '../update/apply.ts';
import { complainAboutPlan, isPlanned, plan } from '../update/plan.ts';

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
  const given = timeoutFrom(call);
  if (!given.ok) return wrongUsage(PROGRAM, given.problem);
  const timeout = given.value;
  const deadline = deadlineIn(timeout);
  const directories = call.operands.length === 0 ? [sourcePath()] : call.operands;
  const sources = sourcesAt(directories);
  const target = compiledSource(directories, { sources, warns: true });
  const distrusted = distrustedIn(sources, call);
  for (const diagnostic of distrusted) complainAbout(diagnostic);
  if (distrusted.length > 0) return EXIT.refused;
  if (typeof target === 'number') return target;
  const opened = await openForUpdating(rootOf(call), { noWait: call.has('no-wait'), deadline }, callerOf(PROGRAM));
  if (!opened.ok) return complainAboutProblem(PROGRAM, opened.problem);
  const { site } = opened.value;
  try {
    const wishes = {
      restart: 'changed',
      stopEssentials: call.has('force-essentials'),
      conversion: NO_CONVERSION,
    } as const;
    const made = plan(site, target, wishes);
    if (!isPlanned(made)) return complainAboutPlan(PROGRAM, made);
    if (!call.has('json')) {
      const colors = colorsFor(printsInColor());
      print(renderChanges(diff(site.database, target.database), { colors, content: false }));
      print(renderUpdate(made.document, colors));
    }
    if (call.has('dry-run')) return EXIT.success;
    // What is live is also what the next boot begins with.
    const { bytes, mode } = target;
    const compiled = stageFile(resolve(call.value('compiled') ?? compiledPath()), bytes, { mode });
    const options = { program: PROGRAM, json: call.has('json'), compiled, deadline };
    return await applyUpdate(site, target, made, options);
  } finally {
    site.records.close();
    site.lock.close();
  }
}
