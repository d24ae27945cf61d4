/** Starts and stops one container again and again: no hang, no wrong exit status, no zombie inside. RUNS in the environment: how often. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerRig, canContain } from '../../packages/container/test/rig.ts';
import { eventually } from '../../packages/posix/test/eventually.ts';

const RUNS = Number(process.env.RUNS ?? 500);
/** Milliseconds after which a stop is a hang: more than the grace, on any machine. */
const HANG = 60_000;

if (!canContain) process.exit(0);

const daemon = (name: string) => `#!/bin/sh
trap 'exit 0' TERM
(sleep 0.01 &)
echo ${name}
while :; do sleep 0.05; done
`;
const rig = new ContainerRig({
  default: { type: 'bundle\n', 'contents.d/web': '', 'contents.d/app': '' },
  base: { type: 'oneshot\n', up: 'true\n', down: 'true\n' },
  app: { type: 'longrun\n', 'dependencies.d/base': '', run: daemon('app') },
  web: { type: 'longrun\n', 'dependencies.d/app': '', run: daemon('web') },
});

const seen = { hangs: 0, wrong: 0, zombies: 0, left: 0 };

/** Every way of ending in turn: by itself, by a signal when all is up, by a signal some time after its beginning. */
async function runOnce(run: number): Promise<void> {
  const status = run % 4;
  const ends = run % 3;
  const command =
    ends === 0
      ? ['sh', '-c', `exit ${status}`]
      : ['sh', '-c', `trap 'exit ${status}' TERM; while :; do sleep 0.05; done`];
  const container = rig.start({ command });
  if (ends === 1) {
    await eventually('that all is up', () => existsSync(join(rig.live, 'healthy')));
    seen.zombies += await zombiesOf(container);
  }
  // At any moment, the first ones of its life included, in which the kernel drops a signal that nobody handles.
  if (ends === 2) await new Promise((resolve) => setTimeout(resolve, 200 + ((run * 37) % 1500)));
  const started = Date.now();
  const ended = container.status();
  const asking = ends === 0 ? null : setInterval(() => container.signal('SIGTERM').catch(() => {}), 500);
  if (ends !== 0) await container.signal('SIGTERM');
  const answer = await Promise.race([
    ended,
    new Promise<'hangs'>((resolve) => setTimeout(() => resolve('hangs'), HANG)),
  ]);
  if (asking !== null) clearInterval(asking);
  const allowed = ends === 2 ? [0, status, 143] : [status];
  if (answer === 'hangs') {
    seen.hangs++;
    container.kill();
  } else if (!allowed.includes(answer)) {
    seen.wrong++;
    console.log(
      `run ${run}: exit status ${answer}, not ${allowed.join(' or ')} after ${Date.now() - started} ms\n${container.stderr}`,
    );
  }
  if (rig.processes().length > 0 || existsSync(rig.live)) seen.left++;
}

/** Those that stay: one may be seen between its end and its reaping. */
async function zombiesOf(container: { zombies(): number }): Promise<number> {
  for (let tries = 0; tries < 20 && container.zombies() > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return container.zombies();
}

for (let run = 0; run < RUNS; run++) {
  await runOnce(run);
  if (run % 50 === 49) console.log(`${run + 1} runs: ${JSON.stringify(seen)}`);
}
rig.dispose();
console.log(`${RUNS} starts and stops: ${JSON.stringify(seen)}`);
process.exit(Object.values(seen).every((count) => count === 0) ? 0 : 1);
