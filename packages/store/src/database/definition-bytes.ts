/**
 * A `Definition` as bytes: the database's form of it, and what its content hash is taken of. The same definition always
 * gives the same bytes, and no others are taken for it.
 */
import type { Definition } from '@muster/core/model/definition';
import { DEFINITION } from './definition-form.ts';
import { pack, unpack } from './message-pack.ts';

/** A view that is valid until the next call. */
export function encodeDefinition(definition: Definition): Uint8Array {
  return pack(DEFINITION.write(definition));
}

/** Files and commands in it are views into `bytes`. Throws RangeError or TypeError if they are not what `encodeDefinition` makes. */
export function decodeDefinition(bytes: Uint8Array): Definition {
  const definition = DEFINITION.read(unpack(bytes));
  if (Buffer.compare(encodeDefinition(definition), bytes) !== 0)
    throw new TypeError('it is not written in the one way in which definitions are');
  return definition;
}
