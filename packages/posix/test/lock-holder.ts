/** `lock-holder.ts PATH KIND START LENGTH`: holds a lock until its standard input ends, and says so. */
import { readSync } from 'node:fs';
import { RangeLocks } from '@muster/posix/lock';

const [path = '', kind, start, length] = process.argv.slice(2);
const locks = new RangeLocks(path);
const range = { start: Number(start), length: Number(length) };
console.log(kind === 'shared' ? locks.tryShared(range) : locks.tryExclusive(range));
readSync(0, Buffer.alloc(1));
