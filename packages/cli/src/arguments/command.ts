/**
 * A command as data: its options are one table, from which arguments are parsed, help is printed and shells complete.
 */

export interface Option {
  /** One letter. */
  readonly short?: string;
  /** Name of the value in help; absent if the option is a switch. */
  readonly value?: string;
  /** What the value may be, for shells; absent means anything. */
  readonly choices?: readonly string[];
  readonly help: string;
}

/** What every command takes. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  color: {
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    help: 'auto (on a terminal, unless NO_COLOR is set), always or never',
  },
};

/** Of commands that look at a live directory, or change something there. */
export const LIVE_OPTION: Option = { short: 'l', value: 'DIR', help: 'the live directory (RC_LIVE)' };

export interface Command {
  readonly summary: string;
  /** Operands as help shows them: `[NAME…]`. */
  readonly operands?: string;
  /** By long name. */
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** The first operand is another program's, and so is everything behind it. */
  readonly endsAtOperand?: true;
  /** It changes something, and so goes on when nobody reads what it prints. */
  readonly acts?: true;
  /** Returns the exit code. */
  run(call: Call): number | Promise<number>;
}

/** The arguments of one call, parsed. */
export interface Call {
  has(option: string): boolean;
  /** The last value given, or undefined. */
  value(option: string): string | undefined;
  /** Every value given, in order. */
  values(option: string): readonly string[];
  /** Every value given to any of `options`, in the order of the command line. */
  inOrder(options: readonly string[]): readonly { readonly option: string; readonly value: string }[];
  readonly operands: readonly string[];
}
