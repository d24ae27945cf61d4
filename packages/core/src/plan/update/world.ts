/** What an update must know of the machine, by id of the database that is live. */
export interface UpdateWorld {
  readonly services: readonly ServiceWorld[];
}

export interface ServiceWorld {
  /** Muster brought it up, and it has not been brought down: it must be up afterwards. */
  readonly up: boolean;
  /** A process or script of it exists, whoever started it: it must not be lost from sight. */
  readonly running: boolean;
  /** Content hash that the process or script was started with; null means unknown, then the live database's counts. */
  readonly contentHash: Uint8Array | null;
  /** It is wanted, and not up. `tried`: content hash of the definition that its last start was of; null if there was none. */
  readonly missed?: { readonly tried: Uint8Array | null };
}
