/** Every format that can be imported. The first that recognizes a path is the one that it has. */
import { dinit } from './dinit/dinit.ts';
import type { FileReader } from './files/reader.ts';
import type { ImportFormat } from './format.ts';
import { procfile } from './procfile/procfile.ts';
import { runit } from './runit/format.ts';
import { supervisord } from './supervisord/supervisord.ts';
import { systemd } from './systemd/systemd.ts';

export const FORMATS: readonly ImportFormat[] = [runit, systemd, supervisord, dinit, procfile];

export function formatNamed(name: string): ImportFormat | undefined {
  return FORMATS.find((format) => format.name === name);
}

/** Null if no format recognizes it. */
export function detectFormat(path: string, files: FileReader): ImportFormat | null {
  return FORMATS.find((format) => format.detect(path, files)) ?? null;
}
