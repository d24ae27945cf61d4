/** Shows commands as a user would type them, runs them before the viewer's eyes, and remembers what was not as expected. */

const bold = process.stdout.isTTY && !process.env.NO_COLOR ? (text: string) => `\x1b[1m${text}\x1b[22m` : String;

export class Terminal {
  readonly problems: string[] = [];
  #interrupted = false;

  constructor(private readonly environment: Readonly<Record<string, string>>) {
    process.on('SIGINT', () => {
      this.#interrupted = true;
    });
  }

  tell(text: string): void {
    console.log(`\n${text}`);
  }

  /** Runs a shell command; an exit status other than `status` is a problem. */
  async type(line: string, status = 0): Promise<void> {
    if (this.#interrupted) throw new Error('interrupted');
    console.log(bold(`$ ${line}`));
    const child = Bun.spawn(['sh', '-c', line], {
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const answer = await child.exited;
    if (answer !== status) this.problems.push(`\`${line}\` exited with ${answer}, not ${status}`);
  }

  /** What a command answers, for the demonstration's own eyes. */
  ask(line: string): string {
    const env = { ...process.env, ...this.environment };
    return Bun.spawnSync(['sh', '-c', line], { env, stderr: 'inherit' }).stdout.toString();
  }

  /** Fetches a page and shows it. */
  async get(url: string): Promise<string> {
    console.log(bold(`GET ${url}`));
    const answer = await fetch(url);
    const text = await answer.text();
    console.log(text.trimEnd());
    return text;
  }

  expect(holds: boolean, what: string): void {
    console.log(`${holds ? 'yes' : 'NO'}: ${what}`);
    if (!holds) this.problems.push(`not true: ${what}`);
  }
}
