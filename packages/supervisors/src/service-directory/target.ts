/** What a service directory is rendered for. */
import type { BackendKind } from '@muster/store/live/backend';

export interface Target {
  readonly backend: BackendKind;
  /** The live directory: absolute, since it stands in scripts that run anywhere. */
  readonly live: string;
  /** The path of Muster's executable, for the scripts that call it. */
  readonly muster: string;
}
