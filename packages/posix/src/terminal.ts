/** Terminals: which descriptors are one, whose keyboard it is now, and how it treats what is typed. */
import { constants, fstatSync, openSync } from 'node:fs';
import { errno, libc, SystemError } from './libc.ts';
import { processFacts } from './process.ts';

const TCGETS = 0x5401;
const TCSETSW = 0x5403;
const TIOCGPGRP = 0x540f;
const TIOCSPGRP = 0x5410;
/** The kernel's struct termios: four words of flags, a byte, and the control characters. */
const SETTINGS_SIZE = 36;
const LOCAL_FLAGS = 12;
const CONTROL_CHARACTERS = 17;
const ECHO = 0o10;
/** As index of a control character: what suspends; 0 there turns it off. */
const VSUSP = 10;

const F_SETFL = 4;

const CONSOLE = { major: 5, minor: 1 };

/** How a terminal treats what is typed. */
export type TerminalSettings = Uint8Array;

/** False also for a descriptor that is not open. */
export function isTerminal(descriptor: number): boolean {
  try {
    // Most descriptors are none, and that can be seen without loading libc.
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return libc().isatty(descriptor) === 1;
}

/** For reading and writing; it does not come to control this process. A line without a carrier is not waited for. Throws ErrnoException. */
export function openTerminal(path: string): number {
  const terminal = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  libc().fcntl(terminal, F_SETFL, constants.O_RDWR);
  return terminal;
}

/** Whether a terminal is /dev/console, opened by that name. Throws ErrnoException. */
export function isConsole(descriptor: number): boolean {
  return fstatSync(descriptor).rdev === CONSOLE.major * 256 + CONSOLE.minor;
}

/**
 * Who gets what is typed on a terminal: `us`, `others` (we are in the background), or `unknown`, if it is not the
 * terminal that this process is controlled by.
 */
export function keyboardOwner(terminal: number): 'us' | 'others' | 'unknown' {
  const group = new Int32Array(1);
  if (libc().ioctl(terminal, TIOCGPGRP, group) === -1) return 'unknown';
  return group[0] === processFacts(process.pid)?.group ? 'us' : 'others';
}

/**
 * From now on a process group of this session gets what is typed. Who is not in the foreground itself must hold SIGTTOU. False if it
 * is not the terminal that controls this session, or there is no such group.
 */
export function giveKeyboardTo(terminal: number, group: number): boolean {
  return libc().ioctl(terminal, TIOCSPGRP, Int32Array.of(group)) === 0;
}

/** Null if the terminal has been hung up. */
export function terminalSettings(terminal: number): TerminalSettings | null {
  const settings = new Uint8Array(SETTINGS_SIZE);
  return libc().ioctl(terminal, TCGETS, settings) === -1 ? null : settings;
}

/** After all that was written before has been shown. Throws SystemError. */
export function setTerminal(terminal: number, settings: TerminalSettings): void {
  if (libc().ioctl(terminal, TCSETSW, settings) === -1) throw new SystemError('ioctl TCSETSW', errno());
}

/** Shows nothing of what is typed, and cannot be suspended by a key, which would leave it so. */
export function withoutEcho(settings: TerminalSettings): TerminalSettings {
  const quiet = settings.slice();
  const flags = new DataView(quiet.buffer);
  flags.setUint32(LOCAL_FLAGS, flags.getUint32(LOCAL_FLAGS, true) & ~ECHO, true);
  quiet[CONTROL_CHARACTERS + VSUSP] = 0;
  return quiet;
}
