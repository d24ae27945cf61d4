import { describe, expect, test } from 'vitest';
import { DISK } from '../../src/files/reader.ts';
import { detectFormat } from '../../src/formats.ts';
import { procfile } from '../../src/procfile/procfile.ts';
import { imported } from '../imported.ts';

const PROCFILE = `# the site
web: bundle exec rails server -p $PORT
worker: QUEUE=* rake work | tee -a work.log

not a process
`;

describe('a Procfile', () => {
  test('becomes a longrun for each line, which a shell reads', () => {
    const made = imported(procfile, { '/app/Procfile': PROCFILE });
    expect(made.file('web/run')).toBe("#!/bin/sh\nexec sh -c 'bundle exec rails server -p $PORT'");
    expect(made.file('worker/run')).toBe("#!/bin/sh\nexec sh -c 'QUEUE=* rake work | tee -a work.log'");
    expect(made.file('web/working-directory')).toBe('/app');
    expect(made.below('default')).toEqual(['contents.d/web', 'contents.d/worker', 'type']);
  });

  test('gives each process its port', () => {
    const made = imported(procfile, { '/app/Procfile': PROCFILE });
    expect([made.file('web/env/PORT'), made.file('worker/env/PORT')]).toEqual(['5000', '5100']);
    const elsewhere = imported(procfile, { '/app/Procfile': PROCFILE, '/app/.env': 'PORT=8000\n' });
    expect([elsewhere.file('web/env/PORT'), elsewhere.file('worker/env/PORT')]).toEqual(['8000', '8100']);
  });

  test('has the variables of .env, with what a quote means there', () => {
    const env = `# secrets\nA='x y'\nB="x\\ny"\nexport C=plain # comment\nA=second\nwrong line\n`;
    const made = imported(procfile, { '/app/Procfile': 'web: true\n', '/app/.env': env });
    expect([made.file('web/env/A'), made.file('web/env/C')]).toEqual(['second', 'plain']);
    expect(made.file('web/run')).toContain("export B='x\ny'");
    expect(made.said('A')).toEqual(['ignored overridden', 'taken']);
    expect(made.entries('').map(({ file, line }) => `${file}:${line}`)).toEqual(['/app/.env:6']);
  });

  test('tells a line that is no process', () => {
    const made = imported(procfile, { '/app/Procfile': PROCFILE });
    expect(made.entries('')).toMatchObject([{ line: 5, value: 'not a process', result: 'told' }]);
  });

  test('names of processes cannot lead out of the source, and the last of a name counts', () => {
    const made = imported(procfile, { '/app/Procfile': '../../etc: x\ns6rc-web: y\nweb: 1\nweb: 2\n' });
    expect(made.said('web')).toEqual(['ignored overridden', 'taken']);
    expect(made.paths.every((path) => /^(web|default)\//.test(path))).toBe(true);
    expect(made.result.report.entries.filter(({ result }) => result === 'told').map(({ line }) => line)).toEqual([
      1, 2,
    ]);
  });

  test('is recognized by its name', () => {
    expect(detectFormat('/nowhere/Procfile', { ...DISK, kindOf: () => 'file' })?.name).toBe('procfile');
  });
});
