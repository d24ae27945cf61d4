/**
 * Definitions and templates as bytes: the database's form of them, and what a content hash is taken of. The same one always
 * gives the same bytes, and no others are taken for it.
 */
import type { Definition } from '@muster/core/model/definition';
import type { Template } from '@muster/core/model/template';
import { DEFINITION } from './definition-form.ts';
import type { Form } from './form.ts';
import { pack, unpack } from './message-pack.ts';
import { TEMPLATE } from './template-form.ts';

/** A view that is valid until the next call. */
export function encodeDefinition(definition: Definition): Uint8Array {
  return pack(DEFINITION.write(definition));
}

/** Likewise. */
export function encodeTemplate(template: Template): Uint8Array {
  return pack(TEMPLATE.write(template));
}

/** Files and commands in it are views into `bytes`. Throws RangeError or TypeError if they are not what `encodeDefinition` makes. */
export function decodeDefinition(bytes: Uint8Array): Definition {
  return decode(DEFINITION, bytes);
}

/** Likewise of `encodeTemplate`. */
export function decodeTemplate(bytes: Uint8Array): Template {
  return decode(TEMPLATE, bytes);
}

function decode<T>(form: Form<T>, bytes: Uint8Array): T {
  const value = form.read(unpack(bytes));
  if (Buffer.compare(pack(form.write(value)), bytes) !== 0)
    throw new TypeError('it is not written in the one way in which it would be');
  return value;
}
