/**
 * Kills updates and looks at what the next command makes of it. A site goes back and forth between the two databases of a
 * scenario; what is up, which processes go on and what lies on disk is learned from an update that nobody disturbs.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Ran, TestSite } from '../update/test-site.ts';
import { killAt, type Mutation, type Refusal, refuseAt, traceMutations, traceRefusable } from './mutations.ts';
import type { Scenario } from './scenarios.ts';

const BUILD = join(import.meta.dirname, '../../../../build');

/** How a machine looks with one of the two databases. */
interface Picture {
  readonly generation: string;
  readonly up: readonly string[];
}

/** Of an update that the system refuses something; see docs of exit-codes.ts. */
const REFUSAL_STATUSES: ReadonlySet<number | null> = new Set([0, 1, 4, 9, 111]);

/** Commands that may come next. The last one asks for the same update again. */
const NEXT = ['rc-change', 'rc-change -a', 'rc-init', 'rc-update'] as const;

export interface Violation {
  readonly scenario: string;
  readonly at: string;
  readonly problem: string;
}

export class UpdateCrash {
  readonly site: TestSite;
  readonly #scenario: Scenario;
  readonly #initialArgs: readonly string[];
  readonly #compiled: readonly [string, string];
  #pictures!: readonly [Picture, Picture];
  /** Old and new names of processes that an undisturbed update leaves alone. */
  #keeps!: readonly (readonly [string, string])[];
  #turn = 0;
  readonly violations: Violation[] = [];
  kills = 0;
  /** Update commands that ended before they could be killed. */
  misses = 0;
  completed = 0;

  private constructor(scenario: Scenario, site: TestSite, initialArgs: readonly string[]) {
    this.#scenario = scenario;
    this.site = site;
    this.#initialArgs = initialArgs;
    this.#compiled = [join(site.root, 'compiled-1'), join(site.root, 'compiled-2')];
  }

  static async boot(
    scenario: Scenario,
    site = new TestSite(),
    initialArgs: readonly string[] = [],
  ): Promise<UpdateCrash> {
    const crash = new UpdateCrash(scenario, site, initialArgs);
    await crash.#boot();
    return crash;
  }

  get program(): string {
    return join(BUILD, 'rc-update');
  }

  get #args(): string[] {
    return [...this.#conversion(0), ...(this.#scenario.args ?? []), this.#compiled[1]];
  }

  #conversion(direction: 0 | 1): string[] {
    const text = this.#scenario.conversion?.[direction];
    if (text === undefined) return [];
    const file = join(this.site.root, `conversion-${direction}`);
    writeFileSync(file, text);
    return ['-f', file];
  }

  async #boot(): Promise<void> {
    const { site } = this;
    for (const [index, tree] of [this.#scenario.before, this.#scenario.after].entries()) {
      site.write(tree);
      await site.must('rc-compile', site.source, this.#compiled[index]!);
    }
    await site.must('rc-init', '-c', this.#compiled[0], ...this.#initialArgs);
    await site.must('rc-change', '--', ...this.#scenario.up);
    const before = await this.#picture();
    const pids = await site.pids();
    await site.must('rc-update', ...this.#args);
    const after = await this.#picture();
    const now = await site.pids();
    this.#keeps = [...now].flatMap(([name, pid]) =>
      [...pids].filter(([, earlier]) => earlier === pid).map(([old]) => [old, name] as const),
    );
    this.#pictures = [before, after];
    await this.#goBack();
  }

  async #picture(): Promise<Picture> {
    return { generation: basename(readlinkSync(join(this.site.live, 'db'))), up: await this.site.up() };
  }

  /** To the first database, with exactly what was up at first. */
  async #goBack(): Promise<void> {
    await this.site.must('rc-update', '-e', ...this.#conversion(1), this.#compiled[0]);
    await this.site.must('rc-change', '-p', '--', ...this.#scenario.up);
  }

  async mutations(): Promise<Mutation[]> {
    const found = await traceMutations(this.site, this.program, this.#args);
    await this.#goBack();
    return found;
  }

  /** Milliseconds that an undisturbed update takes. */
  async duration(): Promise<number> {
    const start = performance.now();
    await this.site.must('rc-update', ...this.#args);
    const elapsed = performance.now() - start;
    await this.#goBack();
    return elapsed;
  }

  /** One update that is killed when it is about to do `mutation`. */
  async killAt(mutation: Mutation): Promise<void> {
    await this.#disturb(mutation.line, () => killAt(this.site, mutation, this.program, this.#args));
  }

  /** One update that is killed `delay` milliseconds after its start. */
  async killAfter(delay: number): Promise<void> {
    await this.#disturb(`${delay.toFixed(1)} ms`, async () => {
      const words = ['-s', 'KILL', (delay / 1000).toFixed(4), this.program, ...this.#args];
      const { status } = await this.site.execute('timeout', words);
      return status !== 0;
    });
  }

  /** Calls of the update that the system may refuse. */
  async refusable(): Promise<Mutation[]> {
    const found = await traceRefusable(this.site, this.program, this.#args);
    await this.#goBack();
    return found;
  }

  /** One update whose `mutation` the system refuses. */
  async refuseAt(mutation: Mutation, refusal: Refusal): Promise<void> {
    let ran: Ran | undefined;
    const update = async (): Promise<boolean> => {
      ran = await refuseAt(this.site, mutation, refusal, this.program, this.#args);
      return ran.status !== 0;
    };
    await this.#disturb(`${refusal.error} ${refusal.forGood ? 'for good ' : ''}from ${mutation.line}`, update, () =>
      this.#problemsWithAnswer(ran!),
    );
  }

  /** What an update that the system refused something must not leave unsaid, or say wrongly. */
  #problemsWithAnswer({ status, stderr }: Ran): string[] {
    const said = `exit ${status}: ${stderr}`;
    const generation = basename(readlinkSync(join(this.site.live, 'db')));
    const [before, after] = this.#pictures;
    const isUnderWay = existsSync(join(this.site.live, 'journal'));
    const problems: string[] = [];
    if (!REFUSAL_STATUSES.has(status)) problems.push(`no exit status for this: ${said}`);
    if (/^ +at |should not have happened/m.test(stderr)) problems.push(`a stack trace: ${said}`);
    if (status !== 0 && stderr === '') problems.push(`nothing was told: ${said}`);
    if (status === 0 && (generation !== after.generation || isUnderWay)) problems.push(`not updated: ${said}`);
    if (/nothing was changed|is as it was/.test(stderr) && (generation !== before.generation || isUnderWay)) {
      problems.push(`it says that all is as it was: ${said}`);
    }
    if (isUnderWay && !/not complete/.test(stderr)) problems.push(`it does not say that something is left: ${said}`);
    return problems;
  }

  async #disturb(
    at: string,
    update: () => Promise<boolean>,
    answer: () => readonly string[] = () => [],
  ): Promise<void> {
    const pids = await this.site.pids();
    if (await update()) this.kills++;
    else this.misses++;
    const problems = [...answer(), ...(await this.#problemsAfter(pids))];
    for (const problem of problems) this.violations.push({ scenario: this.#scenario.name, at, problem });
    await this.#goBack();
  }

  async #problemsAfter(pids: ReadonlyMap<string, number>): Promise<string[]> {
    const { site } = this;
    const looked = await site.runAside('rc-status', '--json');
    if (looked.status !== 0) return [`rc-status: ${looked.status} ${looked.stderr}`];
    const generation = basename(readlinkSync(join(site.live, 'db')));
    const next = this.#next(generation);
    const done = await this.#runNext(next, generation);
    if (done.status !== 0) return [`${next}: ${done.status} ${done.stderr}`];
    const now = await this.#picture();
    const [before, after] = this.#pictures;
    const expected =
      now.generation === after.generation && (generation === after.generation || next === 'rc-update') ? after : before;
    const problems: string[] = [];
    if (now.generation !== expected.generation)
      problems.push(`${next}: ${now.generation} is live, not ${expected.generation}`);
    if (expected === after) this.completed++;
    if (String(now.up) !== String(expected.up)) problems.push(`${next}: up are ${now.up}, not ${expected.up}`);
    problems.push(...this.#debris(), ...(await this.#lost(pids, expected)));
    return problems;
  }

  /** What a conversion file has renamed, the same file renames once more: then nobody calls the update again. */
  #next(generation: string): (typeof NEXT)[number] {
    const next = NEXT[this.#turn++ % NEXT.length]!;
    const isOver = generation === this.#pictures[1].generation && !existsSync(join(this.site.live, 'journal'));
    return isOver && this.#scenario.conversion !== undefined && next === 'rc-update' ? 'rc-change' : next;
  }

  #runNext(next: (typeof NEXT)[number], generation: string) {
    switch (next) {
      case 'rc-change':
        return this.site.runAside('rc-change');
      case 'rc-change -a':
        return this.site.runAside('rc-change', '-a');
      case 'rc-init': {
        const index = this.#pictures.findIndex((picture) => picture.generation === generation);
        return this.site.runAside('rc-init', '-c', this.#compiled[index]!, ...this.#initialArgs);
      }
      case 'rc-update':
        return this.site.runAside('rc-update', ...this.#args);
    }
  }

  /** What nobody needs any more, and what is missing. */
  #debris(): string[] {
    const { live } = this.site;
    const left = ['journal', 'journal.new', 'staged'].filter((name) => existsSync(join(live, name)));
    const staged = readdirSync(join(live, 'databases')).filter((name) => name.endsWith('.new'));
    const problems = [...left, ...staged].map((name) => `${name} was left`);
    const generations = readFileSync(join(live, 'generations'), 'utf8').matchAll(/^\S+/gm);
    for (const [hash] of generations) {
      if (!existsSync(join(live, 'databases', hash, 'database'))) problems.push(`generation ${hash} is missing`);
    }
    const known = JSON.parse(this.site.run('rc-db', '-l', live, 'list', '--json').stdout).services as string[];
    const directories = readdirSync(join(live, 'services')).filter((name) => !name.startsWith('.'));
    if (String(directories.sort()) !== String([...known].sort()))
      problems.push(`directories of ${directories}, not ${known}`);
    return problems;
  }

  /** Processes that are gone, doubled, or restarted without need. */
  async #lost(pids: ReadonlyMap<string, number>, expected: Picture): Promise<string[]> {
    const now = await this.site.pids();
    const [before] = this.#pictures;
    const problems = this.#keeps.flatMap(([old, name]) => {
      const called = expected === before ? old : name;
      return now.get(called) === pids.get(old) ? [] : [`${called} was restarted without need`];
    });
    const known = new Set(now.values());
    const strays = (await this.site.daemons()).filter((pid) => !known.has(pid));
    const alive = this.site.processes();
    const gone = [...now].filter(([, pid]) => !alive.includes(pid));
    if (strays.length > 0) problems.push(`processes that nobody knows: ${strays}`);
    if (gone.length > 0) problems.push(`processes that are not there: ${gone}`);
    return problems;
  }
}
