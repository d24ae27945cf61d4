/**
 * A longrun's directory under s6-supervise: the generated `finish` carries out restart policies, and a poller writes a
 * newline to the notification descriptor where the daemon does not.
 */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { READY_STAMP } from '@muster/protocol/s6/status';
import {
  READY_BEFORE_FILE,
  SERVICE_LOCK,
  STATE_DIRECTORY,
  SUPERVISE,
  SUPERVISE_STATUS,
} from '@muster/store/live/service-files';
import { endSettings } from '../service-directory/end-settings.ts';
import { emptyDirectory, lockedFile } from '../service-directory/file-entry.ts';
import { carriedOut, forgetFailure, hasFinish, hasPolicy } from '../service-directory/finish-script.ts';
import { isPolled, poller } from '../service-directory/readiness.ts';
import { renderAs } from '../service-directory/render.ts';
import { settingFiles } from '../service-directory/settings.ts';
import type { Shape } from '../service-directory/shape.ts';
import { SUPERVISORS_DELAY } from '../service-directory/unsupported-delay.ts';
import type { SupervisorAdapter } from '../supervisor-adapter.ts';

const WANTED = 'wanted() { [ "$(s6-svstat -o wantedup .)" = true ]; }';

const SHAPE: Shape = {
  begin,
  awaitReadiness,
  isolation: null,
  finish: (_, longrun) => (needsFinish(longrun) ? finish(longrun) : null),
  kept,
  // The generated finish limits the author's by itself, and may wait for long afterwards.
  settings: (longrun) => [
    ...settingFiles(
      {
        ...longrun,
        notificationFd: notificationDescriptor(longrun),
        timeoutFinish: needsFinish(longrun) ? 0 : longrun.timeoutFinish,
      },
      's6',
    ),
    ...endSettings(longrun.restart),
  ],
};

export const render: SupervisorAdapter['render'] = (...words) => renderAs(SHAPE, ...words);

/** Its status does not tell later clients that the author's finish exited 125. */
function needsFinish(longrun: Longrun): boolean {
  return hasPolicy(longrun) || hasFinish(longrun);
}

function begin(longrun: Longrun): string[] {
  const lines = needsFinish(longrun) ? [forgetFailure()] : [];
  return mustHaveBeenReady(longrun) ? [...lines, `${READ_STAMP} >${READY_BEFORE_FILE}`] : lines;
}

/** s6-supervise forgets that it was ready before it starts `finish`, but not when it was. */
const READ_STAMP = `dd if=${SUPERVISE_STATUS} bs=1 skip=${READY_STAMP.from} count=${READY_STAMP.length} 2>/dev/null`;

const WAS_READY = `was_ready() { ! ${READ_STAMP} | cmp -s - ${READY_BEFORE_FILE}; }`;

/** It is done only if it has become ready, and otherwise tried again only so often. */
function mustHaveBeenReady(longrun: Longrun): boolean {
  const isAsked = longrun.restart.policy !== 'always' || longrun.startRetries !== null;
  return isAsked && notificationDescriptor(longrun) !== null;
}

function finish(longrun: Longrun): string[] {
  return carriedOut(longrun, {
    wanted: [...(hasPolicy(longrun) ? [WANTED] : []), ...(mustHaveBeenReady(longrun) ? [WAS_READY] : [])],
    giveUp: 'exit 125',
    wasReady: mustHaveBeenReady(longrun) ? 'was_ready' : null,
    // What may have said that it is ready, it starts again at once.
    ownDelay: notificationDescriptor(longrun) === null ? SUPERVISORS_DELAY : 0,
  });
}

/** The descriptor that s6 listens on: the daemon's own, or a free one for the poller. */
function notificationDescriptor(longrun: Longrun): number | null {
  if (!isPolled(longrun)) return longrun.notificationFd;
  return longrun.lockFd === 3 ? 4 : 3;
}

function awaitReadiness(name: string, longrun: Longrun): string[] {
  if (!isPolled(longrun)) return [];
  const descriptor = notificationDescriptor(longrun);
  return [...poller(name, longrun, [`printf '\\n' >/proc/self/fd/${descriptor}`]), `exec ${descriptor}>&-`];
}

function kept({ lockFd }: Longrun, hasScripts: boolean): FileEntry[] {
  const files: FileEntry[] = [emptyDirectory(SUPERVISE)];
  // s6 2.11 takes a lock of this file, and does not make it.
  if (lockFd !== null) files.push(lockedFile(SERVICE_LOCK));
  if (hasScripts) files.push(emptyDirectory(STATE_DIRECTORY));
  return files;
}
