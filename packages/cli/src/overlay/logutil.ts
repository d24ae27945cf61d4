/** logutil-service: rc-logger for one directory, as nobody, with what S6_LOGGING_SCRIPT says of rotation. */
import { tell } from '../output.ts';
import { become } from './become.ts';
import { containerVariable } from './container-environment.ts';
import { refuse, SYSTEM, USAGE } from './program.ts';
import { becomeUser } from './setuidgid.ts';
import { userIdsOf } from './user-ids.ts';

const SCRIPT = 'n20 s1000000 T';
const NOBODY = { uid: 65534, gid: 65534, groups: [65534] };

export function logAsNobody(args: readonly string[]): number {
  const [directory, ...more] = args;
  if (directory === undefined || more.length > 0 || directory.startsWith('-'))
    return refuse('logutil-service', 'one directory is needed, and nothing else', USAGE);
  const { options, untaken } = loggerOptions(containerVariable('S6_LOGGING_SCRIPT') ?? SCRIPT);
  if (process.getuid!() === 0) {
    const problem = becomeUser(userIdsOf('nobody') ?? NOBODY);
    if (problem !== null) return refuse('logutil-service', `cannot become nobody: ${problem}`, SYSTEM);
  }
  if (untaken.length > 0) tell(`logutil-service: of S6_LOGGING_SCRIPT not taken: ${untaken.join(' ')}\n`);
  return become('logutil-service', [process.execPath, 'logger', ...options, directory], new Uint8Array(), '');
}

/** Of a script for s6-log: numbers, sizes and stamps, and what else is left. */
export function loggerOptions(script: string): { options: string[]; untaken: string[] } {
  const options: string[] = [];
  const untaken: string[] = [];
  let timestamp = 'none';
  for (const word of script.split(/\s+/).filter(Boolean)) {
    if (/^n\d+$/.test(word)) options.push('--keep', word.slice(1));
    else if (/^s\d+$/.test(word)) options.push('--size', word.slice(1));
    else if (word === 'T') timestamp = 'iso';
    else if (word === 't') timestamp = 'tai64n';
    else untaken.push(word);
  }
  return { options: [...options, '--timestamp', timestamp], untaken };
}
