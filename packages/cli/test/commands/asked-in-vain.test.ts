/** What was asked and cannot be done is said, and why something is down as well. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { daemon } from '../update/definitions.ts';
import { TestSite } from '../update/test-site.ts';

const site = new TestSite();
beforeAll(async () => {
  await site.boot(
    {
      ...daemon('db'),
      ...daemon('debug', [], { down: '' }),
      ...daemon('lone', [], { 'flag-manual': '' }),
      ...daemon('spare'),
      'default/type': 'bundle\n',
      'default/contents.d/db': '',
      'default/contents.d/debug': '',
    },
    ['default'],
  );
});
afterAll(() => site.remove());

test('a restart of what is down is refused by name, and nothing starts', async () => {
  const refusal = 'spare is not up, so there is nothing to restart or reload\n';
  expect(site.run('rc-change', '--restart', 'spare')).toMatchObject({ status: 5, stderr: `refused  ${refusal}` });
  expect(site.run('rc-change', '-n', '--restart', 'spare').stdout).toBe(`refused ${refusal}`);
  expect(await site.up()).toEqual(['db']);
});

test('what is so already is nothing to do', () => {
  for (const words of [['db'], ['-d', 'spare'], ['default']])
    expect(site.run('rc-change', ...words)).toMatchObject({ status: 0, stderr: 'nothing to do\n' });
});

test.each([
  ['debug', 'the bundle default does not start it'],
  ['lone', 'no bundle would start it'],
])('rc-why says of the manual %s that it is, and what that does', async (name, effect) => {
  expect(await site.must('rc-why', name)).toBe(
    `${name} is down: nobody wants it; its definition has a file down or flag-manual, so ${effect}: rc-change ${name} does\n`,
  );
  expect(JSON.parse(await site.must('rc-why', '--json', name))).toMatchObject({
    manual: true,
    bundles: name === 'debug' ? ['default'] : [],
  });
});

test('rc-why of what nobody wants and is not manual', async () => {
  expect(await site.must('rc-why', 'spare')).toBe('spare is down: nobody wants it\n');
});
