/** From the SIGKILL of a daemon to its successor, where no delay is due: what the tree needs to see the one and start the other. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../packages/posix/test/eventually.ts';
import { decodeStatus } from '../../packages/protocol/src/s6/status.ts';
import { printTable } from './shared/measure.ts';

const RESTARTS = 200;

const root = mkdtempSync('/dev/shm/muster-restart-');
const service = join(root, 'web');
mkdirSync(service);
writeFileSync(join(service, 'run'), '#!/bin/sh\nexec sleep 100000\n', { mode: 0o755 });
writeFileSync(join(service, 'restart-delay'), '0\n');
const tree = spawn(join(import.meta.dirname, '../../build/muster'), ['svscan', root], { stdio: 'ignore' });
const path = join(service, 'supervise/status');
const pid = () => (existsSync(path) ? decodeStatus(readFileSync(path))!.pid : 0);
await eventually('the daemon', () => pid() > 0);

const times: number[] = [];
for (let count = 0; count < RESTARTS; count++) times.push(await restart(pid()));
tree.kill('SIGTERM');
await new Promise((resolve) => tree.once('exit', resolve));
rmSync(root, { recursive: true });
times.sort((a, b) => a - b);
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(2);
printTable([
  ['restart of a killed daemon, ms', 'median', '95 %', 'most'],
  [`Muster, ${RESTARTS} times`, at(0.5), at(0.95), at(1)],
]);

/** Milliseconds until another pid is in the status file, which the kernel tells of. */
function restart(old: number): Promise<number> {
  return new Promise((resolve) => {
    let began = 0;
    const watcher = watch(join(service, 'supervise'), () => {
      const now = pid();
      if (began === 0 || now === 0 || now === old) return;
      watcher.close();
      resolve(performance.now() - began);
    });
    began = performance.now();
    process.kill(old, 'SIGKILL');
  });
}
