/** Run by state.test.ts: writes a state file's records again and again, each time all parts of one in agreement. */
import { serviceId } from '@muster/core/model/database';
import { StateFile } from '@muster/store/live/state';

const [path, services] = process.argv.slice(2);
const count = Number(services);
const state = new StateFile(path!, count);
console.log('writing');
const parent = process.ppid;
process.on('SIGTERM', () => process.exit(0));
for (let round = 1; ; round++) {
  const byte = round % 251;
  for (let id = 0; id < count; id++) {
    state.wish(serviceId(id), round % 2 === 0 ? 'explicit' : 'pulled');
    state.write(serviceId(id), {
      transition: 'up',
      phase: 'done',
      cause: 'none',
      exit: { code: byte, signal: 0 },
      began: byte,
      ended: byte * 1000,
      contentHash: new Uint8Array(32).fill(byte),
    });
  }
  if (round % 64 !== 0) continue;
  await new Promise((resolve) => setImmediate(resolve));
  if (process.ppid !== parent) process.exit(0); // the test is gone, whichever way it ended
}
