/**
 * An image of s6-overlay as a source: its definitions stay where they are, and are linked to; around them is made what s6-overlay
 * itself brings. Pure: rc-container writes it into RAM, rc-import to where it is told.
 */
import type { ImportedFile } from '../definitions/files.ts';
import type { OverlayDefinition, OverlayImage, OverlayScript } from './image.ts';
import { bundle, initAndFinish, legacyServices, OWN_NAMES } from './legacy.ts';
import { type MissingPrograms, missingPrograms } from './programs.ts';
import { type OverlaySettings, untakenVariables } from './settings.ts';

export interface OverlaySource {
  readonly files: readonly ImportedFile[];
  /** The bundle of everything that a boot brings up. */
  readonly boot: string;
  readonly programs: MissingPrograms;
  /** What is not taken: a line each. */
  readonly untaken: readonly string[];
}

export interface OverlayRequest {
  readonly image: OverlayImage;
  readonly settings: OverlaySettings;
  readonly variables: ReadonlyMap<string, string>;
  /** Words by which rc-overlay is executed. */
  readonly overlay: readonly string[];
}

const BOOT = 'default';
/** Two bundles that images add to. */
const USER_BUNDLES = ['user', 'user2'] as const;

export function translateOverlay({ image, settings, variables, overlay }: OverlayRequest): OverlaySource {
  const untaken: string[] = [];
  const definitions = new Map<string, OverlayDefinition>();
  for (const each of chosenDefinitions(image)) {
    if (definitions.has(each.name)) untaken.push(`${each.path}: ${definitions.get(each.name)!.path} is taken`);
    else definitions.set(each.name, each);
  }
  const isOldPlace = image.definitions.some(({ name }) => name === 'user');
  if (isOldPlace && image.bundles.some(({ contents }) => contents.length > 0))
    untaken.push(`${image.bundles[0]!.path}: ${image.etc}/s6-overlay/s6-rc.d/user is there, and counts`);

  const context = { image, settings, overlay };
  const legacy = legacyServices(context, new Set([...definitions.keys(), ...OWN_NAMES, ...USER_BUNDLES]));
  const boot = definitions.has(BOOT) || image.services.some(({ name }) => name === BOOT) ? 'top' : BOOT;
  const everything = ['base', 'user', 'legacy-services', 'user2'];
  const made = [
    ...initAndFinish(context),
    ...legacy.files,
    ...bundle('top', everything),
    ...(boot === 'top' ? [] : bundle(BOOT, everything)),
    ...USER_BUNDLES.flatMap((name) => bundle(name, definitions.get(name)?.contents ?? [])),
  ].filter(({ path }) => !isTaken(path, definitions));
  const links = [...definitions.values()]
    .filter((each) => !isIncomplete(each))
    .map(({ name, path }): ImportedFile => ({ kind: 'link', path: name, target: path }));
  const scripts = everyScript(image);
  const programs = missingPrograms(image, settings.path, scripts);
  return {
    files: [...links, ...made],
    boot,
    programs,
    untaken: [
      ...untakenVariables(variables),
      ...untaken,
      ...legacy.untaken,
      ...lateServices(image),
      ...programs.untaken,
    ],
  };
}

/** In the order in which they count. What s6-overlay brings is made anew here. */
function chosenDefinitions({ definitions, bundles, packaged }: OverlayImage): OverlayDefinition[] {
  const own: ReadonlySet<string> = new Set(OWN_NAMES);
  const isOldPlace = definitions.some(({ name }) => name === 'user');
  return [...definitions, ...(isOldPlace ? [] : bundles), ...packaged.filter(({ name }) => !own.has(name))];
}

/** A bundle for the user that has no `type` is made one by s6-overlay. */
function isIncomplete({ name, type }: OverlayDefinition): boolean {
  return (name === 'user' || name === 'user2') && type === null;
}

function isTaken(path: string, definitions: ReadonlyMap<string, OverlayDefinition>): boolean {
  const definition = definitions.get(path.slice(0, path.indexOf('/')));
  return definition !== undefined && !isIncomplete(definition);
}

function everyScript(image: OverlayImage): OverlayScript[] {
  const legacy = image.services.flatMap(({ path, files }) =>
    files.flatMap((file) =>
      file.kind === 'file' && /(?:^|\/)(?:run|finish)$/.test(file.path)
        ? [{ path: `${path}/${file.path}`, text: new TextDecoder().decode(file.bytes), isExecutable: true }]
        : [],
    ),
  );
  const defined = [...image.definitions, ...image.bundles].flatMap(({ scripts }) => scripts);
  return [...image.init, ...image.finish, ...legacy, ...defined];
}

/** Services that a script makes or takes away while the container boots are not seen: all are known by then. */
function lateServices(image: OverlayImage): string[] {
  return image.init
    .filter(({ text }) => /\/services\.d\/|\/s6\/(?:legacy-)?services\//.test(text))
    .map(
      ({ path }) =>
        `${path}: it mentions services.d; what it changes there is not seen, as all services are known before`,
    );
}
