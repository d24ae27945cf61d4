/** What a service is born with: exactly what the tree was started with, whatever Bun has made of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, musterCommand, s6Backend, supervise, usable } from '@muster/protocol/test/contract/backends';
import { Stage } from '@muster/protocol/test/contract/suite';
import { afterEach, describe, expect, test } from 'vitest';

/** Prints everything that is inherited. The shell's own doings are those of its parent, `run`. */
const RUN = `{
  grep -E '^(Umask|SigBlk|SigIgn|SigCgt|NoNewPrivs|Seccomp|Cap)' /proc/self/status
  cat /proc/self/limits
  cat /proc/self/oom_score_adj
  env | grep -vE '^(PWD|OLDPWD|_|SHLVL)=' | sort
  readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 /proc/$$/fd/5
  nice
} >facts
tell looked
exec sleep 100000`;

/** Starts it from a shell that changes what can be changed, and stays: the tree can see its limits there. */
function from(preparation: string, name: string, program: string, args: readonly string[]): Backend {
  return {
    name,
    missing: null,
    start: (scandir) =>
      supervise('sh', ['-c', `${preparation}; "$@" '${scandir}' & wait`, 'sh', program, ...args], scandir),
  };
}

let stage: Stage | undefined;
afterEach(() => stage?.down());

async function factsUnder(backend: Backend): Promise<string> {
  stage = new Stage(backend);
  const { rig } = stage;
  rig.add('web', { run: RUN });
  await stage.up('web');
  await rig.told('looked', 'web');
  return readFileSync(join(rig.directory('web'), 'facts'), 'utf8');
}

const PREPARATION = 'ulimit -Sn 777; ulimit -Sc 0; umask 027; export GREETING=hello; exec 5</dev/null';

describe('a service', () => {
  test.skipIf(usable([s6Backend]).length === 0)("is born under the tree as under Debian's s6-svscan", async () => {
    const [program, args] = musterCommand('svscan');
    const own = await factsUnder(from(PREPARATION, 'tree', program, args));
    await stage!.down();
    const theirs = await factsUnder(from(PREPARATION, 's6', 's6-svscan', []));
    expect(own).toContain('Max open files            777 ');
    expect(own).toContain('GREETING=hello');
    expect(own).toMatch(/^SigIgn:\t0000000000000006$/m);
    expect(own).toMatch(/^Umask:\t0027$/m);
    expect(anonymous(own)).toBe(anonymous(theirs));
  });

  test('gets the limit of open files that is asked for, where the tree cannot know it', async () => {
    const [program, args] = musterCommand('svscan', '--open-files', '555');
    expect(await factsUnder(from('ulimit -Sn 777', 'tree', program, args))).toContain('Max open files            555 ');
  });
});

/** Each supervisor has pipes of its own. */
function anonymous(facts: string): string {
  return facts.replaceAll(/(pipe|socket):\[\d+\]/g, '$1').replaceAll(/muster-rig-\w+/g, 'rig');
}
