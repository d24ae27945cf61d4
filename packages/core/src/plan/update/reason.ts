/** Why an update does something to a service. Names, not ids: `because` may be of either database. */
export type UpdateReason =
  /** The new database does not have it. */
  | { readonly why: 'removed' }
  /** It was a oneshot and is a longrun, or the reverse, or it is a bundle now. */
  | { readonly why: 'type-changed' }
  | { readonly why: 'content-changed' }
  /** What its standard input or output is connected to changed. */
  | { readonly why: 'pipeline-changed' }
  /** The conversion file or the command line asks for it. */
  | { readonly why: 'told-so' }
  /** Something that it needs stops or restarts. */
  | { readonly why: 'restarted-with'; readonly because: string }
  /** It needs, in the new database, something that is new or was down. */
  | { readonly why: 'new-dependency'; readonly because: string }
  /** It was down, and something that must be up needs it now. */
  | { readonly why: 'needed-by'; readonly because: string }
  /** It is wanted and not up, and it, or what it needs, is defined otherwise than what was tried. */
  | { readonly why: 'tried-again' }
  /** It stands for a service that became several. */
  | { readonly why: 'stands-for'; readonly because: string };

/** One sentence without its subject, for people. */
export function explainUpdate(reason: UpdateReason): string {
  switch (reason.why) {
    case 'removed':
      return 'is not in the new database';
    case 'type-changed':
      return 'changed its type';
    case 'content-changed':
      return 'its definition changed';
    case 'pipeline-changed':
      return 'its pipeline changed';
    case 'told-so':
      return 'was asked for';
    case 'restarted-with':
      return `needs ${reason.because}, which stops or restarts`;
    case 'new-dependency':
      return `needs ${reason.because} now, which is not up`;
    case 'needed-by':
      return `${reason.because} needs it`;
    case 'tried-again':
      return 'is wanted and did not come up: it is tried again';
    case 'stands-for':
      return `stands for ${reason.because} now`;
  }
}
