/** What rc-overlay can be, by name. */
import type { OfferedName } from '@muster/import/s6-overlay/offered';
import { printContainerVariable, withContainerEnvironment } from './container-environment.ts';
import { fixAttributes } from './fix-attributes.ts';
import { controlTree, endContainer } from './halt.ts';
import { logAsNobody } from './logutil.ts';
import type { OverlayProgram } from './program.ts';
import { control, isSupervised, tellStatus, waitForServices } from './service-directories.ts';
import { setUserAndBecome } from './setuidgid.ts';

export const PROGRAMS: Readonly<Record<OfferedName | 'fix-attrs' | 'halt', OverlayProgram>> = {
  'fix-attrs': fixAttributes,
  halt: endContainer,
  'logutil-service': logAsNobody,
  printcontenv: printContainerVariable,
  's6-setuidgid': setUserAndBecome,
  's6-svc': control,
  's6-svok': isSupervised,
  's6-svscanctl': controlTree,
  's6-svstat': tellStatus,
  's6-svwait': waitForServices,
  'with-contenv': withContainerEnvironment,
};
