/**
 * Forms: how a value is written in MessagePack's types, and read back from them, each said once for both directions. What is
 * read has come out of a file: a form takes nothing for granted, and throws TypeError at what it would not have written.
 */

export interface Form<T> {
  write(value: T): unknown;
  read(packed: unknown): T;
}

/** A property of an object, under `key` in its map. */
interface Field<T> {
  readonly key: string;
  readonly form: Form<T>;
  /** Null if it is always in the map. */
  readonly unless: Unless<T> | null;
}

/** What a property is that is not in the map. */
interface Unless<T> {
  readonly value: T;
  readonly is: (value: T) => boolean;
}

type Fields<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

/** A map with the fields in the order of `fields`. */
export function record<T extends object>(fields: Fields<T>): Form<T> {
  const rows = Object.entries(fields) as [keyof T & string, Field<unknown>][];
  const known = new Set(rows.map(([, { key }]) => key));
  return {
    write(value) {
      const map: Record<string, unknown> = {};
      for (const [name, { key, form, unless }] of rows) {
        const property = value[name];
        if (unless === null || !unless.is(property)) map[key] = form.write(property);
      }
      return map;
    },
    read(packed) {
      const map = mapOf(packed);
      for (const key of Object.keys(map))
        if (!known.has(key)) throw new TypeError(`${JSON.stringify(key)} is no field of it`);
      const value: Record<string, unknown> = {};
      for (const [name, { key, form, unless }] of rows) {
        if (Object.hasOwn(map, key)) value[name] = readField(form, map[key], key);
        else if (unless === null) throw new TypeError(`its ${key} is missing`);
        else if (unless.value !== undefined) value[name] = unless.value;
      }
      return value as T;
    },
  };
}

function readField<T>(form: Form<T>, packed: unknown, key: string): T {
  try {
    return form.read(packed);
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`its ${key}: ${error.message}`) : error;
  }
}

export function mapOf(packed: unknown): Readonly<Record<string, unknown>> {
  if (typeof packed !== 'object' || packed === null || packed.constructor !== Object)
    throw new TypeError('it is no map');
  return packed as Readonly<Record<string, unknown>>;
}

export function field<T>(key: string, form: Form<T>): Field<T> {
  return { key, form, unless: null };
}

/** Not in the map where `is`, and `value` when read. */
export function fieldUnless<T>(key: string, form: Form<T>, value: T, is = (other: T) => other === value): Field<T> {
  return { key, form, unless: { value, is } };
}

/** Of a property that is null where there is none. */
export function fieldOrNull<T>(key: string, form: Form<T>): Field<T | null> {
  return fieldUnless<T | null>(key, form as Form<T | null>, null);
}

/** Of a property that an object may lack. */
export function fieldIfGiven<T>(key: string, form: Form<T>): Field<T | undefined> {
  return fieldUnless<T | undefined>(key, form as Form<T | undefined>, undefined);
}

/** Not in the map if it is false. */
export function flag(key: string): Field<boolean> {
  return fieldUnless(key, literal(true) as Form<boolean>, false);
}

export function literal<const T extends string | boolean>(...values: readonly T[]): Form<T> {
  return {
    write: (value) => value,
    read(packed) {
      const value = values.find((known) => known === packed);
      if (value === undefined) throw new TypeError(`it is none of ${values.join(', ')}`);
      return value;
    },
  };
}

export function list<T>(form: Form<T>): Form<readonly T[]> {
  return {
    write: (values) => values.map(form.write),
    read(packed) {
      if (!Array.isArray(packed)) throw new TypeError('it is no array');
      return packed.map((item: unknown) => form.read(item));
    },
  };
}

export function integer(least: number, largest: number): Form<number> {
  return {
    write: (value) => value,
    read(packed) {
      if (typeof packed !== 'number' || !Number.isInteger(packed) || packed < least || packed > largest)
        throw new TypeError(`it is no integer from ${least} to ${largest}`);
      return packed;
    },
  };
}

export const BYTES: Form<Uint8Array> = {
  write: (value) => value,
  read(packed) {
    if (!(packed instanceof Uint8Array)) throw new TypeError('it is no bin');
    return packed;
  },
};

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = 0xfeff;

/** A str; one that begins with U+FEFF is a bin, since readers of MessagePack drop that where a text begins. */
export const TEXT: Form<string> = {
  write: (value) => (value.charCodeAt(0) === BYTE_ORDER_MARK ? ENCODER.encode(value) : value),
  read(packed) {
    if (typeof packed === 'string') return packed;
    if (packed instanceof Uint8Array) return DECODER.decode(packed);
    throw new TypeError('it is no str');
  },
};
