/** What a service directory is rendered for. */

export type Backend = 'embedded' | 's6' | 'runit';

export interface Target {
  readonly backend: Backend;
  /** The live directory: absolute, since it stands in scripts that run anywhere. */
  readonly live: string;
  /** The path of Muster's executable, for the scripts that call it. */
  readonly muster: string;
}

/** The FIFO out of which a consumer reads. */
export function pipeInto(live: string, consumer: string): string {
  return `${live}/pipes/${consumer}`;
}
