/** One life of the tree: the product's own services, restarts, readiness, adoption and children file, on a simulated machine. */

import type { EventLetter } from '@muster/protocol/s6/control';
import { ChildrenFile } from '@muster/tree/children-file';
import { Entries } from '@muster/tree/entries';
import { Processes } from '@muster/tree/processes';
import type { FoundService } from '@muster/tree/scan';
import type { ServiceHost } from '@muster/tree/service/host';
import type { Service } from '@muster/tree/service/service';
import type { Loop, System } from '@muster/tree/system/system';
import type { Kernel } from './kernel.ts';
import { type LifeOptions, LifeSystem } from './life-system.ts';

export const SCANDIR = '/run/muster/scandir';
export const CHILDREN = `${SCANDIR}/.rc-svscan/children`;

export interface LifeEvents {
  told(service: string, letter: EventLetter): void;
  warned(message: string): void;
  /** Something was thrown that nobody thought of. */
  broke(error: unknown): void;
  died(): void;
}

export class TreeLife implements ServiceHost {
  readonly machine: LifeSystem;
  readonly system: System;
  readonly reactor: Loop;
  readonly processes: Processes;
  readonly children!: ChildrenFile;
  readonly output = undefined;
  readonly nothing = 0;
  readonly #entries!: Entries;
  readonly #events: LifeEvents;

  constructor(kernel: Kernel, options: LifeOptions, events: LifeEvents) {
    this.#events = events;
    this.machine = new LifeSystem(kernel, options, events.broke, events.died);
    this.system = this.machine.system;
    this.reactor = this.machine.loop;
    this.processes = new Processes(this.reactor, this.system, (message) => this.warn(message));
    this.children = new ChildrenFile(CHILDREN, this.system.files);
    const noPipes = { open: () => {}, close: () => {}, streams: () => ({}) };
    this.#entries = new Entries(SCANDIR, this, noPipes, () => {});
  }

  get isAlive(): boolean {
    return !this.machine.isDead;
  }

  /** Supervises all that is there, and adopts what the last life started. */
  begin(names: readonly string[]): void {
    const found = new Map<string, FoundService>(names.map((name) => [name, { identity: name, log: undefined }]));
    this.machine.call(() => this.#entries.update(found));
  }

  /** As s6-svscanctl -q does. */
  stop(): void {
    this.machine.call(() => this.#entries.stop('are stopped'));
  }

  get hasStopped(): boolean {
    return this.#entries.isEmpty;
  }

  kill(): void {
    this.machine.kill();
  }

  find(name: string): Service | undefined {
    return this.#entries.find(name);
  }

  /** Of the channel. */
  command(letter: string, name: string): void {
    this.machine.call(() => this.#entries.find(name)?.command(letter));
  }

  warn(message: string): void {
    if (this.isAlive) this.#events.warned(message);
  }

  told(service: string, letter: EventLetter): void {
    if (this.isAlive) this.#events.told(service, letter);
  }

  ended(): void {}

  endEverything(): void {}

  left(service: { readonly name: string }): void {
    if (this.isAlive) this.#entries.noteLeft(service);
  }
}
