/** The floor: reads every file of the source that is its argument, and does nothing with it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';

let bytes = 0;
const walk = (directory: string) => {
  for (const name of readdirSync(directory)) {
    const path = `${directory}/${name}`;
    if (statSync(path).isDirectory()) walk(path);
    else bytes += readFileSync(path).length;
  }
};
walk(process.argv[2]!);
if (bytes === 0) process.exit(1);
