/** The recipes in docs/containers.md, as they stand there. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ContainerRig, canContain } from './rig.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/containers.md'), 'utf8');

/** Of the section with this heading: the shell that makes its source. */
function shellOf(heading: string): string {
  const section = PAGE.split(/^### /m).find((text) => text.startsWith(`${heading}\n`));
  const block = /^```sh\n(.*?)^```$/ms.exec(section ?? '')?.[1];
  if (block === undefined) throw new Error(`docs/containers.md has no recipe '${heading}'`);
  return block;
}

describe.runIf(canContain)('the recipe', () => {
  let rig: ContainerRig;

  const make = (heading: string) => {
    const { status, stderr } = spawnSync('sh', ['-e', '-c', shellOf(heading)], {
      cwd: rig.directory,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  };

  beforeEach(() => {
    rig = new ContainerRig({});
  });
  afterEach(() => rig.dispose());

  test('for something that is done again and again', async () => {
    make('Something that is done again and again');
    const container = rig.start({ environment: { EVERY: '0.1' } });
    await eventually('several times', () => container.stdout.split('\n').length > 3);
    await container.signal('SIGTERM');
    expect(await container.status()).toBe(0);
  });

  test('for what comes before everything else', async () => {
    make('Before everything else');
    const container = rig.start({ options: ['--on-failure', 'exit'] });
    await eventually('both', () => container.stdout.includes('serving'));
    expect(container.stdout).toBe('migrating\nserving\n');
    await container.signal('SIGTERM');
    expect(await container.status()).toBe(0);
    writeFileSync(join(rig.source, 'migrate/up'), '#!/bin/sh\nexit 3\n');
    expect(await rig.start({ options: ['--on-failure', 'exit'] }).status()).toBe(3);
  });
});
