/** Loaded before a command: names each file of another's package that the command loads, a line each, in `MUSTER_TEST_NOTES`. */
import { appendFileSync, readFileSync } from 'node:fs';
import { plugin } from 'bun';

plugin({
  name: 'note packages',
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/.*\.js$/ }, ({ path }) => {
      appendFileSync(process.env.MUSTER_TEST_NOTES!, `${path}\n`);
      return { contents: readFileSync(path, 'utf8'), loader: 'js' };
    });
  },
});
