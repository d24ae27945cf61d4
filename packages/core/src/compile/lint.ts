/** What compiles and is probably a mistake. Every rule is a warning; `--strict` makes them errors. */
import type { Report } from '../diagnostics/report.ts';
import type { SourceDefinition } from './source.ts';

export class Lint {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  definition(_source: SourceDefinition): void {
    void this.#report;
  }
}
