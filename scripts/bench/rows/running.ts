/** Asking and updating while everything is up: an update that has nothing to do, a status, a health check. */
import { join } from 'node:path';
import { DinitSite } from '../shared/dinit.ts';
import { MUSTER, type RowPlan, type Side, timed } from '../shared/row.ts';
import { must, startS6 } from '../shared/s6-scandir.ts';
import { isHere, Site } from '../shared/site.ts';

const UPDATE_BARS: Readonly<Record<number, number>> = { 100: 0.7, 1000: 0.07 };

export function updateRows(directory: string, sizes: readonly number[]): RowPlan[] {
  return sizes.map((services) => {
    const atMost = UPDATE_BARS[services];
    return {
      title: `rc-update with nothing to do, ${services.toLocaleString('en')}`,
      unit: 'ms',
      bars: atMost === undefined ? [] : [{ of: 's6-rc-update', atMost }],
      open: async () => {
        const { site, peer, end } = await everythingUp(directory, services);
        const ours: Side = { who: MUSTER, once: () => timed(() => site.muster('rc-update', site.compiled)), end };
        return [ours, ...(peer === null ? [] : [updateSide(peer)])];
      },
    };
  });
}

/** The database of s6-rc is another file with the same content, in turn. */
function updateSide({ live, databases }: Peer): Side {
  let turn = 0;
  return {
    who: 's6-rc-update',
    once: () => timed(() => must(['s6-rc-update', '-l', live, databases[++turn % 2] ?? ''])),
  };
}

export function probeRows(directory: string, sizes: readonly number[]): RowPlan[] {
  return sizes.map((services) => ({
    title: `status of ${services.toLocaleString('en')}`,
    unit: 'ms',
    bars: [],
    open: async () => {
      const { site, peer, end } = await everythingUp(directory, services);
      const dinit = isHere('dinit') ? new DinitSite(join(site.root, 'dinit'), site.source) : null;
      await dinit?.boot();
      const sides: Side[] = [
        { who: 'rc-status', once: () => timed(() => site.muster('rc-status')), end },
        { who: 'rc-status --check', once: () => timed(() => site.muster('rc-status', '--check')) },
      ];
      if (peer !== null)
        sides.push({ who: 's6-rc -a list', once: () => timed(() => must(['s6-rc', '-l', peer.live, '-a', 'list'])) });
      if (dinit !== null) {
        const list = ['dinitctl', '-p', dinit.socket, 'list'];
        sides.push({ who: 'dinitctl list', once: () => timed(() => must(list)), end: () => dinit.shutdown() });
      }
      return sides;
    },
  }));
}

interface Peer {
  readonly live: string;
  readonly databases: readonly string[];
}

interface Up {
  readonly site: Site;
  readonly peer: Peer | null;
  end(): Promise<void>;
}

/** Under Muster's tree, and under s6-svscan where s6-rc is on PATH. */
async function everythingUp(directory: string, services: number): Promise<Up> {
  const site = new Site(directory, services);
  site.muster('rc-init', '--change', 'all');
  const isPeerHere = isHere('s6-rc-update') && isHere('s6-svscan');
  const tree = isPeerHere ? await startS6(join(site.root, 's6-scan'), services) : null;
  const live = join(site.root, 's6-live');
  const databases = ['s6-compiled-0', 's6-compiled-1'].map((name) => join(site.root, name));
  if (tree !== null) {
    for (const database of databases) must(['s6-rc-compile', database, site.source]);
    must(['s6-rc-init', '-c', databases[0] ?? '', '-l', live, join(site.root, 's6-scan')]);
    must(['s6-rc', '-l', live, '-u', 'change', 'all']);
  }
  return {
    site,
    peer: tree === null ? null : { live, databases },
    end: async () => {
      site.muster('rc-shutdown');
      if (tree !== null) must(['s6-rc', '-l', live, '-d', 'change', 'all']);
      await tree?.end();
      site.remove();
    },
  };
}
