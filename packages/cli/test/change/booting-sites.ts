/** Sites for the tests of one file. */
import { afterEach } from 'vitest';
import type { Tree } from '../compile/trees.ts';
import { TestSite } from '../update/test-site.ts';

/** Returns what boots a site from `tree`, with nothing up yet. After each test its sites are ended and removed. */
export function bootingSites(): (tree: Tree) => Promise<TestSite> {
  const sites: TestSite[] = [];
  afterEach(() => {
    for (const site of sites.splice(0)) site.remove();
  });
  return async (tree) => {
    const site = new TestSite();
    sites.push(site);
    await site.boot(tree, []);
    return site;
  };
}
