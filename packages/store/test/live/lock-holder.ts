/** Run by service-locks.test.ts: `HOW SERVICE` lines on standard input lock, `free` frees; each is answered by a line. */
import { serviceId } from '@muster/core/model/database';
import { byteOf, LockFile } from '@muster/store/live/lock-file';

const [path] = process.argv.slice(2);
const file = new LockFile(path!);
for await (const line of console) {
  const [how, service] = line.split(' ');
  const range = byteOf(serviceId(Number(service)));
  switch (how) {
    case 'exclusive':
      console.log(file.ranges.tryExclusive(range));
      break;
    case 'shared':
      console.log(file.ranges.tryShared(range));
      break;
    default:
      file.ranges.unlock(range);
      console.log('free');
  }
}
