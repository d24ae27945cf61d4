/** What there is of s6-overlay in an image, version 2 or 3, as it was read: nothing of it is judged here. */

/** A file that is executed: a script, as a rule. */
export interface OverlayScript {
  /** Absolute, as it is called in the image. */
  readonly path: string;
  readonly text: string;
  readonly isExecutable: boolean;
}

/** A directory in one of the places of s6-rc's definitions. */
export interface OverlayDefinition {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** What its file `type` says; null if it has none. */
  readonly type: string | null;
  /** Names in `contents.d`. */
  readonly contents: readonly string[];
  /** `up`, `down`, `run`, `finish`: those that it has. */
  readonly scripts: readonly OverlayScript[];
}

export type LegacyFile =
  | { readonly path: string; readonly kind: 'file'; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly path: string; readonly kind: 'link'; readonly target: string };

/** A directory below services.d: a service directory of s6. */
export interface LegacyService {
  readonly name: string;
  readonly path: string;
  /** By path in it, `log/run` too. */
  readonly files: readonly LegacyFile[];
}

export interface OverlayImage {
  /** `/etc`, or what S6_RUNTIME_PROFILE names. */
  readonly etc: string;
  /** `s6-rc.d`. */
  readonly definitions: readonly OverlayDefinition[];
  /** `user-bundles.d`, or what S6_RUNTIME_BUNDLEDIR names. */
  readonly bundles: readonly OverlayDefinition[];
  /** Those that come with s6-overlay itself, below /package. */
  readonly packaged: readonly OverlayDefinition[];
  /** `cont-init.d` and `cont-finish.d`, in the order in which they run. */
  readonly init: readonly OverlayScript[];
  readonly finish: readonly OverlayScript[];
  /** `services.d`. */
  readonly services: readonly LegacyService[];
  /** Whether there is anything in `fix-attrs.d`. */
  readonly hasAttributes: boolean;
  /** Whether a program can be executed by this absolute path. */
  has(path: string): boolean;
}
