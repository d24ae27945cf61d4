/**
 * Every diagnostic by its kind. Codes are a contract: they are added, never changed or used again. RC1xxx are errors in a
 * source, RC2xxx warnings about one, RC3xxx what is wrong with a live directory or its database, RC4xxx with what an update
 * was given. docs/diagnostics.md explains each; what is said of one is written where it is found: look for its kind.
 */
export const CODES = {
  'undefined-name': 'RC1001',
  duplicate: 'RC1002',
  'bundle-cycle': 'RC1003',
  cycle: 'RC1004',
  'pipeline-cycle': 'RC1005',
  'order-cycle': 'RC1006',

  'missing-type': 'RC1010',
  'bad-type': 'RC1011',
  'missing-run': 'RC1012',
  'run-not-regular': 'RC1013',
  'missing-up': 'RC1014',
  'missing-contents': 'RC1015',
  'wrong-file-kind': 'RC1016',
  'not-a-directory': 'RC1017',

  'bad-timeout': 'RC1020',
  'bad-number': 'RC1021',
  'descriptor-clash': 'RC1022',
  'bad-word': 'RC1023',
  'bad-duration': 'RC1024',
  'bad-attribute': 'RC1025',
  'bad-log': 'RC1026',

  'reserved-name': 'RC1030',
  'bad-name': 'RC1031',
  'not-utf8': 'RC1032',
  'renamed-from-twice': 'RC1033',

  'producer-for-not-one': 'RC1040',
  'pipeline-name-not-one': 'RC1041',
  'pipeline-inconsistent': 'RC1042',
  'pipeline-wrong-type': 'RC1043',
  'two-consumers': 'RC1044',

  'syntax-error': 'RC1050',
  'unmatched-open-brace': 'RC1051',
  'unmatched-close-brace': 'RC1052',
  'bad-toml': 'RC1053',

  'missing-source': 'RC1060',
  'dangling-link': 'RC1061',
  unreadable: 'RC1062',
  'special-file': 'RC1063',
  vanished: 'RC1064',
  'too-large': 'RC1065',

  'conflict-with-need': 'RC1070',
  'conflict-in-bundle': 'RC1071',

  'template-not-instance': 'RC1080',
  'bad-template': 'RC1081',

  'unknown-file': 'RC2001',
  'unused-file': 'RC2002',
  'both-lists': 'RC2003',
  'text-after-type': 'RC2004',
  'bad-signal': 'RC2005',
  'low-descriptor': 'RC2006',
  'pipeline-name-unused': 'RC2007',
  'log-directory-unused': 'RC2008',
  'text-in-entry': 'RC2009',
  'empty-source': 'RC2010',
  'shared-log-directory': 'RC2011',
  'renamed-from-present': 'RC2012',
  'nothing-to-reload': 'RC2013',

  'shebang-not-executable': 'RC2020',
  'no-shebang': 'RC2021',
  'carriage-return': 'RC2022',
  'missing-interpreter': 'RC2023',
  'goes-to-background': 'RC2024',
  'shell-syntax': 'RC2025',
  'second-command': 'RC2026',

  'essential-needs-ordinary': 'RC2030',
  unreached: 'RC2031',
  'unknown-user': 'RC2032',

  'no-live-directory': 'RC3001',
  'not-a-live-directory': 'RC3002',
  'writable-by-others': 'RC3003',
  'damaged-live-directory': 'RC3004',
  'malformed-definition': 'RC3005',
  'private-database': 'RC3006',
  'outlived-live-directory': 'RC3007',

  'conversion-syntax': 'RC4001',
  'unknown-keyword': 'RC4002',
  'unknown-old-service': 'RC4003',
  'old-is-a-bundle': 'RC4004',
  'listed-twice': 'RC4005',
  'undefined-new-service': 'RC4006',
  'two-become-one': 'RC4007',
  'one-becomes-two': 'RC4008',
} as const;

export type DiagnosticKind = keyof typeof CODES;

/** Those whose codes begin with `Start`. */
type Starting<Start extends string> = {
  [Kind in DiagnosticKind]: (typeof CODES)[Kind] extends `${Start}${string}` ? Kind : never;
}[DiagnosticKind];

export type SourceDiagnosticKind = Starting<'RC1' | 'RC2'>;
export type LiveDiagnosticKind = Starting<'RC3'>;

export type Severity = 'error' | 'warning';

export function severityOf(kind: DiagnosticKind): Severity {
  return CODES[kind].startsWith('RC2') ? 'warning' : 'error';
}
