/** Colours for terminals, or none. */

export type Paint = (text: string) => string;

export interface Colors {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
  readonly gray: Paint;
}

// SGR parameters (ECMA-48, 8.3.117): what begins an attribute, and what ends it.
export const COLORED = paintedBy((begin, end) => (text) => `\x1b[${begin}m${text}\x1b[${end}m`);
const PLAIN = paintedBy(() => (text) => text);

export function colorsFor(colored: boolean): Colors {
  return colored ? COLORED : PLAIN;
}

function paintedBy(paint: (begin: number, end: number) => Paint): Colors {
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
    magenta: paint(35, 39),
    cyan: paint(36, 39),
    gray: paint(90, 39),
  };
}
