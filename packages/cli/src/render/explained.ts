/** rc-compile --explain. */

import { nameOf } from '@muster/core/model/database';
import type { ExplainedDefinition, ExplainedField } from '@muster/core/plan/diff/explain';
import { valueAsData } from './changes.ts';
import { renderTable } from './table.ts';
import { visible } from './visible.ts';

/** Characters of a value that stand in the table. */
const WIDTH = 48;

export function explainedText({ fields }: ExplainedDefinition): string {
  return renderTable(fields.map((field) => [field.name, valueText(field), fromText(field)]));
}

export function explainedAsData({ database, service, fields }: ExplainedDefinition) {
  const rows = fields.map(({ name, value, otherwise, from }) => {
    return { name, value: valueAsData(value), otherwise, from };
  });
  return { version: 1, name: nameOf(database, service), fields: rows };
}

function valueText({ value, otherwise }: ExplainedField): string {
  const data = valueAsData(value);
  const isNothing = data === null || data === '' || (Array.isArray(data) && data.length === 0) || data === 0;
  if (isNothing) return otherwise ?? 'none';
  if (typeof data === 'boolean') return data ? 'yes' : 'no';
  const text = Array.isArray(data) ? data.join(' ') : String(data);
  const [line = '', ...more] = text.trimEnd().split('\n');
  return line.length > WIDTH || more.length > 0 ? `${visible(line.slice(0, WIDTH))}…` : visible(line);
}

function fromText({ value, from }: ExplainedField): string {
  // A flag or a list may come from a bundle, or from what names this service.
  if (from === null) return value === true || (Array.isArray(value) && value.length > 0) ? 'elsewhere' : 'default';
  return from.line === null ? visible(from.path) : `${visible(from.path)}:${from.line}`;
}
