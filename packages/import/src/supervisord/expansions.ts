/** What stands for the names in `%(name)s`: known from the configuration, known at start, or by `--env` now. */
import { failure, type Result, success } from '@muster/core/result';
import { type Expanded, expandFormat } from './python-format.ts';

export class Names {
  readonly #known: ReadonlyMap<string, string | number>;
  readonly #environment: ReadonlyMap<string, string>;
  /** Names that each instance of a template has a value of its own for. */
  readonly #perInstance: ReadonlySet<string>;

  /** `environment`: what the call of rc-import says is known. */
  constructor(
    known: ReadonlyMap<string, string | number>,
    environment: ReadonlyMap<string, string>,
    perInstance: ReadonlySet<string> = new Set(),
  ) {
    this.#known = known;
    this.#environment = environment;
    this.#perInstance = perInstance;
  }

  with(
    more: Iterable<readonly [string, string | number]>,
    perInstance: ReadonlySet<string> = this.#perInstance,
  ): Names {
    return new Names(new Map([...this.#known, ...more]), this.#environment, perInstance);
  }

  /** Keeps what is known at start only. */
  forStart(text: string): Result<Expanded, string> {
    return expandFormat(text, (name) => this.#valueAtStart(name));
  }

  /** For a value that is needed now; the problem names what is not known yet. */
  now(text: string): Result<string, string> {
    const unknown: string[] = [];
    const expanded = expandFormat(text, (name) => {
      const value = this.#valueAtStart(name);
      if (value !== null) return value;
      const given = name.startsWith('ENV_') ? this.#environment.get(name.slice(4)) : undefined;
      if (given === undefined) unknown.push(name);
      return given ?? '';
    });
    if (!expanded.ok) return expanded;
    if (unknown.length === 0) return success(expanded.value.text);
    const variables = unknown.map((name) => name.replace(/^ENV_/, ''));
    return failure(`${unknown.join(', ')} is needed now: --env ${variables[0]}=VALUE`);
  }

  #valueAtStart(name: string): string | number | null | undefined {
    if (this.#perInstance.has(name)) return null;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    return name.startsWith('ENV_') || name === 'host_node_name' ? null : undefined;
  }
}
