/** What a change does, as it happens: drawn on a terminal, as lines, or as JSON. */
import type { ControlEvent, EventSink } from '@muster/control/events';
import type { EventSink as StepSink } from '@muster/core/execute/ports';
import type { Database } from '@muster/core/model/database';
import { pausable, type Speaker } from '../console.ts';
import type { Interruption } from '../interruption.ts';
import { print, tell, tellsInColor, tellsToTerminal, together } from '../output.ts';
import { jsonProgress, plainProgress } from './progress.ts';
import type { TerminalProgress } from './progress-terminal.ts';
import { tellingPeople } from './told.ts';

interface Telling {
  readonly program: string;
  readonly json: boolean;
  readonly interruption: Interruption;
}

export class ToldChange implements EventSink {
  readonly #telling: Telling;
  readonly #people: EventSink;
  readonly #drawing: typeof TerminalProgress | null;
  #terminal: TerminalProgress | null = null;
  #steps: StepSink | null = null;
  #speaker: Speaker | null = null;
  #sequence = 0;

  constructor(telling: Telling, drawing: typeof TerminalProgress | null) {
    this.#telling = telling;
    this.#people = tellingPeople('muster');
    this.#drawing = drawing;
  }

  static async make(telling: Telling): Promise<ToldChange> {
    if (telling.json || !tellsToTerminal()) return new ToldChange(telling, null);
    const { TerminalProgress } = await import('./progress-terminal.ts');
    return new ToldChange(telling, TerminalProgress);
  }

  emit(event: ControlEvent): void {
    switch (event.event) {
      case 'begins':
        this.#begin(event.database, event.steps);
        break;
      case 'step':
        this.#steps?.emit(event.step);
        break;
      case 'terminal-lent':
        this.#speaker?.pause();
        break;
      case 'terminal-returned':
        this.#speaker?.resume();
        break;
      case 'gives-up':
        this.#giveUp(event.shutdown);
        break;
      default:
        this.#people.emit(event);
    }
  }

  /** Of the line after the last event. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** Takes what is drawn away. */
  end(): void {
    this.#terminal?.end();
  }

  #begin(database: Database, steps: number): void {
    this.#telling.interruption.listen();
    if (this.#drawing !== null) {
      // Asked for when the first lines are drawn, and no sooner: `process.stderr` takes 5 ms to set up.
      const size = () => ({ columns: process.stderr.columns || 80, rows: process.stderr.rows || 24 });
      this.#terminal = new this.#drawing(database, { write: tell, size, color: tellsInColor() }, Date.now);
      this.#terminal.expect(steps);
      this.#steps = this.#terminal;
      this.#speaker = this.#terminal;
      return;
    }
    const { json } = this.#telling;
    const lines = pausable(together(json ? print : tell));
    this.#speaker = lines;
    this.#steps = json
      ? jsonProgress(database, lines.write, () => this.nextSequence())
      : plainProgress(database, lines.write);
  }

  #giveUp(shutdown: number | null): void {
    const { program } = this.#telling;
    if (shutdown !== null) tell(`${program}: rc-shutdown (pid ${shutdown}) ends everything\n`);
    tell(`${program}: nothing new is started; what is on its way is waited for\n`);
  }
}
