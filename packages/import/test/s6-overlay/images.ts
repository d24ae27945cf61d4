/** Images of s6-overlay in memory, for what is pure. */
import type { OverlayDefinition, OverlayImage, OverlayScript } from '@muster/import/s6-overlay/image';
import { overlaySettings } from '@muster/import/s6-overlay/settings';
import { type OverlaySource, translateOverlay } from '@muster/import/s6-overlay/translate';

export const script = (path: string, text = '#!/bin/sh\n', isExecutable = true): OverlayScript => ({
  path,
  text,
  isExecutable,
});

export function definition(name: string, rest: Partial<OverlayDefinition> = {}): OverlayDefinition {
  return { name, path: `/etc/s6-overlay/s6-rc.d/${name}`, type: 'oneshot', contents: [], scripts: [], ...rest };
}

const NOTHING: OverlayImage = {
  etc: '/etc',
  definitions: [],
  bundles: [],
  packaged: [],
  init: [],
  finish: [],
  services: [],
  hasAttributes: false,
  has: (path) => path === '/bin/sh',
};

export function translated(
  image: Partial<OverlayImage>,
  variables: Readonly<Record<string, string>> = {},
): OverlaySource {
  const map = new Map(Object.entries(variables));
  return translateOverlay({
    image: { ...NOTHING, ...image },
    settings: overlaySettings(map),
    variables: map,
    overlay: ['/muster', 'overlay', '--'],
  });
}

/** The files of one definition, by path in it. */
export function filesOf({ files }: OverlaySource, name: string): Record<string, string> {
  const own = files.filter(({ path }) => path === name || path.startsWith(`${name}/`));
  return Object.fromEntries(
    own.map((file) => [
      file.path.slice(name.length + 1),
      file.kind === 'link' ? `→ ${file.target}` : new TextDecoder().decode(file.bytes),
    ]),
  );
}
