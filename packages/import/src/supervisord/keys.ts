/** The keys that supervisord has, by section. */

const PROGRAM = [
  ...['command', 'process_name', 'numprocs', 'numprocs_start', 'priority', 'autostart', 'startsecs', 'startretries'],
  ...[
    'autorestart',
    'exitcodes',
    'stopsignal',
    'stopwaitsecs',
    'stopasgroup',
    'killasgroup',
    'user',
    'redirect_stderr',
  ],
  ...['stdout_logfile', 'stdout_logfile_maxbytes', 'stdout_logfile_backups', 'stdout_capture_maxbytes'],
  ...['stdout_events_enabled', 'stdout_syslog', 'stderr_logfile', 'stderr_logfile_maxbytes', 'stderr_logfile_backups'],
  ...[
    'stderr_capture_maxbytes',
    'stderr_events_enabled',
    'stderr_syslog',
    'environment',
    'directory',
    'umask',
    'serverurl',
  ],
  // The dependent-startup plug-in, and Go's rewrite.
  ...['dependent_startup', 'dependent_startup_wait_for', 'dependent_startup_inherit_priority', 'depends_on'],
];

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  program: PROGRAM,
  eventlistener: [...PROGRAM, 'buffer_size', 'events', 'result_handler'],
  'fcgi-program': [...PROGRAM, 'socket', 'socket_backlog', 'socket_owner', 'socket_mode'],
  supervisord: [
    ...[
      'logfile',
      'logfile_maxbytes',
      'logfile_backups',
      'loglevel',
      'pidfile',
      'umask',
      'nodaemon',
      'silent',
      'minfds',
    ],
    ...['minprocs', 'nocleanup', 'childlogdir', 'user', 'directory', 'strip_ansi', 'environment', 'identifier'],
  ],
  group: ['programs', 'priority'],
  include: ['files'],
  unix_http_server: ['file', 'chmod', 'chown', 'username', 'password'],
  inet_http_server: ['port', 'username', 'password'],
  supervisorctl: ['serverurl', 'username', 'password', 'prompt', 'history_file'],
  rpcinterface: ['supervisor.rpcinterface_factory', 'retries'],
};

/** Of `[program:web]`, those of a program. */
export function keysOf(section: string): readonly string[] {
  return SECTIONS[section.split(':', 1)[0] ?? ''] ?? [];
}

/** Whether supervisord reads such a section. */
export function isKnownSection(section: string): boolean {
  return keysOf(section).length > 0;
}

/** Sections that have the key. */
export function placesOf(key: string): readonly string[] {
  return Object.entries(SECTIONS)
    .filter(([, keys]) => keys.includes(key))
    .map(([section]) => section);
}
