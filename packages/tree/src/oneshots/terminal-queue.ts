/** Who has borrowed the terminal, and what is to be done by those who wait for it, first come first served. */
export class TerminalQueue<Borrower, Order> {
  #borrower: Borrower | null = null;
  readonly #waiting = new Map<Borrower, Order>();

  get isLent(): boolean {
    return this.#borrower !== null;
  }

  lend(borrower: Borrower): void {
    this.#borrower = borrower;
  }

  /** One order for each: a later one takes the place of an earlier one. */
  queue(borrower: Borrower, order: Order): void {
    this.#waiting.set(borrower, order);
  }

  waitingFor(borrower: Borrower): Order | undefined {
    return this.#waiting.get(borrower);
  }

  forget(borrower: Borrower): void {
    this.#waiting.delete(borrower);
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** If `borrower` has it: takes it back, and has orders carried out until somebody has borrowed it again. */
  passOn(borrower: Borrower, carryOut: (borrower: Borrower, order: Order) => void): void {
    if (this.#borrower !== borrower) return;
    this.#borrower = null;
    for (const [next, order] of this.#waiting) {
      if (this.isLent) return;
      this.#waiting.delete(next);
      carryOut(next, order);
    }
  }
}
