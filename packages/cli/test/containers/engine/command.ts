/** Programs that engines run. None has standard input. */
import { BOUNDED } from '@muster/posix/test/bounded';
import type { Answer } from './engine.ts';

export async function run(
  command: readonly string[],
  environment: Record<string, string | undefined> = process.env,
): Promise<Answer> {
  const child = Bun.spawn([...command], {
    env: environment,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    ...BOUNDED,
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  return { status: child.exitCode, stdout, stderr };
}

/** Its standard output, without the last newline; what it complains about is the failure of the test. */
export async function must(
  command: readonly string[],
  environment: Record<string, string | undefined> = process.env,
): Promise<string> {
  const { status, stdout, stderr } = await run(command, environment);
  if (status === 0) return stdout.trimEnd();
  throw new Error(`${command.join(' ')} exited with ${status}\n${stdout}${stderr}`);
}
