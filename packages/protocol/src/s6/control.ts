/** The bytes that `supervise/control` takes (s6-svc's options of the same letter), and those of `.s6-svscan/control`. */

/** Letters that send a signal to the supervised process. `p` and `P` stop it, `c` and `C` continue it; capitals: its group. */
export const SIGNAL_LETTERS = {
  a: 'SIGALRM',
  b: 'SIGABRT',
  q: 'SIGQUIT',
  h: 'SIGHUP',
  k: 'SIGKILL',
  t: 'SIGTERM',
  i: 'SIGINT',
  '1': 'SIGUSR1',
  '2': 'SIGUSR2',
  p: 'SIGSTOP',
  c: 'SIGCONT',
  y: 'SIGWINCH',
  P: 'SIGSTOP',
  C: 'SIGCONT',
  K: 'SIGKILL',
} as const satisfies Record<string, NodeJS.Signals>;

export type SignalLetter = keyof typeof SIGNAL_LETTERS;

export type ControlLetter =
  | SignalLetter
  /** `down-signal`, so that the service is restarted. */
  | 'r'
  /** `reload-signal`. */
  | 'l'
  /** Once: stay down after the next death; `o` starts it if it is down, `Q` makes a `down` file too. */
  | 'o'
  | 'O'
  | 'Q'
  /** Down, up; capitals make or remove the file `down` too. */
  | 'd'
  | 'D'
  | 'u'
  | 'U'
  /** The supervisor exits when the service is down next. */
  | 'x';

/** What a supervisor writes to the FIFOs in `event/`. */
export type EventLetter =
  /** The supervisor has started. */
  | 's'
  | 'u'
  /** Ready. */
  | 'U'
  | 'd'
  /** `finish` is done: may be started again. */
  | 'D'
  /** `finish` exited 125: will not be started again. */
  | 'O'
  /** The supervisor exits. */
  | 'x';

/** `.s6-svscan/control`, s6-svscanctl's options. */
export type ScanLetter =
  /** Reap zombies. */
  | 'z'
  /** Scan. */
  | 'a'
  /** Leave at once, and leave the services alone. */
  | 'b'
  /** Scan, then stop what is gone. */
  | 'h'
  /** Stop everything, then leave; loggers end by themselves. */
  | 'i'
  | 't'
  /** The same, but loggers are stopped too. */
  | 'q'
  /** Stop what is gone; `N`: loggers too. */
  | 'n'
  | 'N';
