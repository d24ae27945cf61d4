/** What becomes of service directories of runit that are not as one expects. */
import { describe, expect, test } from 'vitest';
import { importRunit } from '../../src/runit/runit.ts';
import type { RunitFile, RunitService } from '../../src/runit/runit-directory.ts';

const RUN = '#!/bin/sh\nexec sleep 1000\n';
const BYTES = new Uint8Array([0x23, 0x21, 0xff]);

function file(content: string | Uint8Array, mode = 0o755): RunitFile {
  return { kind: 'file', bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content, mode };
}

function service(name: string, files: Readonly<Record<string, RunitFile>>): RunitService {
  return { name, path: `/etc/sv/${name}`, aliasOf: null, files: new Map(Object.entries(files)) };
}

function imported(...services: RunitService[]) {
  const { files, notes, services: names } = importRunit(services);
  const paths = files.map(({ path }) => path).sort();
  return { files, paths, names, notes: notes.map(({ kind, service: of, file: at }) => `${kind} ${of}/${at}`) };
}

describe('a service directory', () => {
  test.each(['s6rc-x', 'new\nline', 'getty@'])(
    'whose name cannot be one is reported, and leaves nothing: %j',
    (name) => {
      const { paths, names, notes } = imported(service(name, { run: file(RUN) }));
      expect([paths, names, notes]).toEqual([['default/type'], [], [`lost ${name}/.`]]);
    },
  );

  test('whose run is no file is reported, and leaves nothing', () => {
    const { names, notes } = imported(
      service('a', {}),
      service('b', { run: { kind: 'link', target: '/nowhere' } }),
      service('c', { run: { kind: 'other', why: 'cannot be read: EACCES' } }),
    );
    expect([names, notes]).toEqual([[], ['lost a/run', 'lost b/run', 'lost c/run']]);
  });

  test('called default gives its name to no bundle', () => {
    const { paths, notes } = imported(service('default', { run: file(RUN) }));
    expect(paths).toEqual(['default/run', 'default/type', 'everything/contents.d/default', 'everything/type']);
    expect(notes).toEqual(['changed default/.']);
  });

  test('whatever services are called, the bundle of them has a name that none has', () => {
    const taken = ['default', 'everything', 'all-services', 'all-imported-services', 'default-2'];
    const { paths } = imported(...taken.map((name) => service(name, { run: file(RUN) })));
    expect(paths.filter((path) => path.includes('contents.d'))).toEqual(
      taken.map((name) => `default-3/contents.d/${name}`).sort(),
    );
  });

  test('whose run was not executable says so', () => {
    expect(imported(service('web', { run: file(RUN, 0o644) })).notes).toEqual(['changed web/run']);
  });

  test('keeps who may read its files', () => {
    const { files } = imported(service('web', { run: file(RUN), secret: file('x', 0o600) }));
    expect(files.find(({ path }) => path === 'web/data/web/secret')).toMatchObject({ mode: 0o600 });
  });

  test('whose scripts are no text keeps them all the same', () => {
    const scripts = { finish: file(BYTES), check: file(BYTES), 'log/run': file(BYTES) };
    const { files, notes } = imported(service('web', { run: file(RUN), ...scripts }));
    const withBytes = files.filter((made) => made.kind === 'file' && made.bytes === BYTES).map(({ path }) => path);
    expect(withBytes.sort()).toEqual(['web/data/finish', 'web/log/run', 'web/ready-check']);
    expect(notes).toEqual(['changed web/finish']);
  });

  test('whose scripts are links to nowhere says that they are lost', () => {
    const link: RunitFile = { kind: 'link', target: '/nowhere' };
    const { notes } = imported(service('web', { run: file(RUN), finish: link, check: link, 'log/run': link }));
    expect(notes).toEqual(['lost web/finish', 'lost web/check', 'lost web/log/run']);
  });

  test('whose logger has more than its run says what is lost', () => {
    const more = { 'log/finish': file(RUN), 'log/down': file(''), 'log/control/t': file(RUN) };
    const { notes } = imported(service('web', { run: file(RUN), 'log/run': file(RUN), ...more }));
    expect(notes).toEqual(['lost web/log/finish', 'lost web/log/down', 'lost web/log/control/t']);
  });

  test('whose logger would have the name of another service says that it is lost', () => {
    const { paths, notes } = imported(
      service('web', { run: file(RUN), 'log/run': file(RUN) }),
      service('web-log', { run: file(RUN) }),
    );
    expect(paths).not.toContain('web/log/run');
    expect(notes).toEqual(['lost web/log/run']);
  });
});
