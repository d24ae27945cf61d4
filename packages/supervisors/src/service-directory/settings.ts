/** The small files by which a definition tells a supervisor how to treat the service. */
import type { FileEntry, Longrun } from '@muster/core/model/definition';
import { everyLongrunSetting, type LongrunSettings } from '@muster/core/model/longrun-settings';
import { flagFile, setting } from './file-entry.ts';

/** Those that s6-supervise reads, and with `embedded` what the embedded tree reads as well. */
export function settingFiles(longrun: Longrun, reader: 's6' | 'embedded'): FileEntry[] {
  return everyLongrunSetting().flatMap(([name, { file, reader: read }]) => {
    const isRead = read === 's6' || read === reader;
    return isRead ? settingFile(file, longrun[name]) : [];
  });
}

function settingFile(file: string, value: LongrunSettings[keyof LongrunSettings]): FileEntry[] {
  if (value === null || value === false) return [];
  return [value === true ? flagFile(file) : setting(file, value)];
}
