/**
 * The form that definitions have in a database. What makes it is loaded with the first definition that somebody looks at:
 * most commands look at none, and start sooner without it.
 */
import type { Definition } from '@muster/core/model/definition';
import type { DefinitionEncoding } from '@muster/core/model/definition-encoding';
import type { Template } from '@muster/core/model/template';
import { digest } from './hash.ts';

type Bytes = typeof import('./definition-bytes.ts');

let loaded: Bytes | null = null;

function bytes(): Bytes {
  loaded ??= require('./definition-bytes.ts') as Bytes;
  return loaded;
}

/** As the compiler wants it. */
export const definitionEncoding: DefinitionEncoding = {
  encode: (definition) => bytes().encodeDefinition(definition),
  digest,
};

/** Throws RangeError or TypeError if `encoded` is not what `definitionEncoding` makes. */
export function decodeDefinition(encoded: Uint8Array): Definition {
  return bytes().decodeDefinition(encoded);
}

/** A view that is valid until the next call. */
export function encodeTemplate(template: Template): Uint8Array {
  return bytes().encodeTemplate(template);
}

/** Throws RangeError or TypeError if `encoded` is not what `encodeTemplate` makes. */
export function decodeTemplate(encoded: Uint8Array): Template {
  return bytes().decodeTemplate(encoded);
}
