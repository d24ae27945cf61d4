/** One service or bundle as lines of a name and a value. */
import { visible } from './visible.ts';

/** What is empty, false or absent is left out, and so is a limit of 0, which is none. */
export function renderRecord(record: object): string {
  const lines = Object.entries(record)
    .map(([key, value]) => [key, value === 0 ? '' : renderValue(value)] as const)
    .filter(([, value]) => value !== '');
  const width = Math.max(...lines.map(([key]) => key.length));
  return lines
    .map(
      ([key, value]) =>
        `${key.padEnd(width)}  ${value
          .split('\n')
          .map(visible)
          .join(`\n${' '.repeat(width + 2)}`)}\n`,
    )
    .join('');
}

function renderValue(value: unknown): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(renderItem).join(' ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, inner]) => [key, renderSetting(key, inner)] as const)
      .filter(([, inner]) => inner !== '')
      .map(([key, inner]) => `${key} ${inner}`)
      .join('\n');
  return value === true ? 'yes' : String(value);
}

function renderSetting(key: string, value: unknown): string {
  switch (key) {
    case 'umask':
    case 'mode':
      return renderMask(value);
    case 'links':
      return renderLinks(value as Readonly<Record<string, string>>);
    default:
      return renderValue(value);
  }
}

/** As `ls -l` shows them. */
function renderLinks(links: Readonly<Record<string, string>>): string {
  return Object.entries(links)
    .map(([path, target]) => `${renderItem(path)} -> ${renderItem(target)}`)
    .join(', ');
}

/** As everybody writes it. */
function renderMask(mask: unknown): string {
  return typeof mask === 'number' ? mask.toString(8).padStart(3, '0') : '';
}

function renderItem(item: unknown): string {
  if (typeof item === 'string') return /^[^\s"'\\]+$/.test(item) ? item : JSON.stringify(item);
  return Array.isArray(item) ? item.join(' ') : JSON.stringify(item);
}
