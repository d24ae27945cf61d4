/**
 * The first module of the built executable: loads main.ts as a bundle that has only the command that is called, or the
 * one that has all of them. Loading all cost each command a third of its start (docs/decisions/executable.md).
 */
import { nameCommand } from './arguments/name.ts';

/** The bundle of each command by its name, put in by scripts/build.ts. */
declare const BUNDLES: Readonly<Record<string, string>>;
declare const WHOLE: string;

const { name } = nameCommand(process.argv0, process.argv.slice(2));
await import(name !== undefined && Object.hasOwn(BUNDLES, name) ? BUNDLES[name]! : WHOLE);
