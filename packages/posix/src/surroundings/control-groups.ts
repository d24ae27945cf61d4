/** The control groups that this process is in, and moving it to others. Lines `CONTROLLERS:PATH`, without controllers for version 2. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of /proc/self/cgroup: its numbers of hierarchies say nothing. */
export function withoutNumbers(cgroup: string): string {
  return cgroup
    .split('\n')
    .map((line) => line.slice(line.indexOf(':') + 1))
    .sort()
    .join('\n');
}

/** To all of `lines` that can be; throws the first error of those that cannot. */
export function enterControlGroups(lines: readonly string[]): void {
  const hierarchies = mountedHierarchies();
  let failure: unknown = null;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [controllers, path] = [line.slice(0, colon), line.slice(colon + 1)];
    try {
      const hierarchy = hierarchies.find((mounted) => mounted.controllers.has(controllers.split(',')[0]!));
      if (hierarchy === undefined) throw new Error(`no control groups of ${controllers || 'version 2'} are mounted`);
      const below = path.startsWith(hierarchy.root) ? path.slice(hierarchy.root.length) : path;
      // 0 means the process that writes.
      writeFileSync(join(hierarchy.point, below, 'cgroup.procs'), '0', { flag: 'r+' });
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== null) throw failure;
}

interface Hierarchy {
  /** Of version 2: only ''. */
  readonly controllers: ReadonlySet<string>;
  /** The control group that is mounted, '' for the topmost. */
  readonly root: string;
  readonly point: string;
}

function mountedHierarchies(): Hierarchy[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [mount, source = ''] = line.split(' - ');
      const [, , , root = '/', point = ''] = mount!.split(' ');
      const [type, , options = ''] = source.split(' ');
      if (type !== 'cgroup' && type !== 'cgroup2') return [];
      const controllers = new Set(type === 'cgroup2' ? [''] : options.split(','));
      return [{ controllers, root: root === '/' ? '' : root, point }];
    });
}
