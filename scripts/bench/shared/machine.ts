/** On what was measured, without a name of the machine. */
import { cpus, release, totalmem } from 'node:os';

const PEERS = [
  ['s6-svscan', 's6'],
  ['s6-rc', 's6-rc'],
  ['dinit', 'dinit'],
] as const;

export interface Machine {
  readonly processors: string;
  readonly memory: string;
  readonly kernel: string;
  readonly runtime: string;
  /** Programs that are on PATH; of the others nothing was measured. */
  readonly peers: readonly string[];
  /** At the beginning, over a minute: more than there are processors means that others work here too. */
  readonly load: string;
}

export function machineHere(load: number): Machine {
  const all = cpus();
  return {
    processors: `${all.length} × ${all[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: `Linux ${release().replace(/-.*/, '')}`,
    runtime: `Bun ${Bun.version}`,
    peers: PEERS.flatMap(([program, name]) => (Bun.which(program) === null ? [] : [`${name}${versionOf(program)}`])),
    load: load.toFixed(1),
  };
}

/** Only dinit tells its own. */
function versionOf(program: string): string {
  if (program !== 'dinit') return '';
  const told = Bun.spawnSync([program, '--version']).stdout.toString();
  return ` ${/\d+(?:\.\d+)+/.exec(told)?.[0] ?? ''}`;
}
