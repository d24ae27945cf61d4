/** What becomes of directives that need no code: those that are not mapped, by what they are about, and those that say nothing. */

const words = (text: string) => text.split(/\s+/).filter(Boolean);

const SANDBOXING = words(`
  AmbientCapabilities CapabilityBoundingSet NoNewPrivileges SecureBits SELinuxContext AppArmorProfile SmackProcessLabel
  RootDirectory RootImage RootImageOptions RootHash RootVerity MountAPIVFS ProtectProc ProcSubset BindPaths BindReadOnlyPaths
  ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths ReadWriteDirectories ReadOnlyDirectories InaccessibleDirectories
  TemporaryFileSystem PrivateTmp PrivateDevices PrivateNetwork NetworkNamespacePath PrivateIPC IPCNamespacePath PrivateUsers PrivateMounts
  ProtectHostname ProtectClock ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups ProtectSystem ProtectHome
  RestrictAddressFamilies RestrictNamespaces RestrictFileSystems RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute
  RemoveIPC MountFlags SystemCallFilter SystemCallErrorNumber SystemCallArchitectures SystemCallLog KeyringMode NoExecPaths
  DevicePolicy DeviceAllow IPAddressAllow IPAddressDeny IPIngressFilterPath SocketBindAllow SocketBindDeny RestrictNetworkInterfaces DynamicUser`);
const RESOURCES = words(`
  CPUAccounting CPUWeight StartupCPUWeight CPUQuota CPUQuotaPeriodSec CPUShares CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork
  CPUAffinity AllowedCPUs NUMAPolicy NUMAMask MemoryAccounting MemoryMin MemoryLow MemoryHigh MemoryMax MemorySwapMax MemoryLimit TasksAccounting
  TasksMax IOAccounting IOWeight IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax IOSchedulingClass IOSchedulingPriority IPAccounting
  BlockIOAccounting BlockIOWeight Slice Delegate DelegateSubgroup DisableControllers ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMPreference
  ManagedOOMMemoryPressureLimit OOMScoreAdjust OOMPolicy TimerSlackNSec CoredumpFilter`);
const CREDENTIALS = words(
  'LoadCredential LoadCredentialEncrypted SetCredential SetCredentialEncrypted ImportCredential',
);
const CONDITIONS = words(`
  ConditionArchitecture ConditionVirtualization ConditionHost ConditionKernelCommandLine ConditionKernelVersion ConditionSecurity
  ConditionCapability ConditionACPower ConditionNeedsUpdate ConditionFirstBoot ConditionPathExists ConditionPathExistsGlob
  ConditionPathIsDirectory ConditionPathIsSymbolicLink ConditionPathIsMountPoint ConditionPathIsReadWrite ConditionPathIsEncrypted
  ConditionDirectoryNotEmpty ConditionFileNotEmpty ConditionFileIsExecutable ConditionUser ConditionGroup ConditionControlGroupController
  ConditionMemory ConditionCPUs ConditionEnvironment ConditionCredential ConditionOSRelease ConditionFirmware`);

export const NOT_MAPPED: ReadonlyMap<string, string> = new Map([
  ...SANDBOXING.map((key) => [key, 'sandboxing is not mapped'] as const),
  ...RESOURCES.map((key) => [key, 'limits of control groups are not mapped'] as const),
  ...CREDENTIALS.map((key) => [key, 'credentials are not mapped'] as const),
  ...CONDITIONS.flatMap((key) => [
    [key, 'conditions are not mapped: it is started whatever they say'] as const,
    [key.replace('Condition', 'Assert'), 'conditions are not mapped: it is started whatever they say'] as const,
  ]),
]);

/** For people alone. */
export const FOR_PEOPLE: ReadonlySet<string> = new Set(['Documentation', 'SourcePath']);

/** Directives that say nothing here of what runs, and how. */
export const WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  ['DefaultDependencies', 'there is nothing that a service needs without saying so'],
  ['RefuseManualStart', 'rc-change starts what it is told to'],
  ['RefuseManualStop', 'rc-change stops what it is told to: flag-essential keeps it from that'],
  ['AllowIsolate', 'nothing is isolated'],
  ['IgnoreOnIsolate', 'nothing is isolated'],
  ['SyslogIdentifier', "lines have the service's name"],
  ['SyslogFacility', 'logs have no facilities'],
  ['SyslogLevel', 'logs have no levels'],
  ['SyslogLevelPrefix', 'logs have no levels'],
  ['LogLevelMax', 'logs have no levels'],
  ['LogRateLimitIntervalSec', 'logs are not limited by rate'],
  ['LogRateLimitBurst', 'logs are not limited by rate'],
  ['GuessMainPID', 'the main process is the one that was started'],
  ['SendSIGKILL', 'what does not end is killed'],
  ['Alias', 'has one name here'],
  ['Also', 'is enabled by itself, if it is imported'],
  ['CollectMode', 'nothing is kept of what is not defined'],
]);

export const KNOWN_KEYS: readonly string[] = [
  ...NOT_MAPPED.keys(),
  ...WITHOUT_EFFECT.keys(),
  ...FOR_PEOPLE,
  ...words(`Description Requires Requisite Wants BindsTo PartOf Upholds Conflicts Before After OnFailure OnSuccess StartLimitIntervalSec
    StartLimitInterval StartLimitBurst StartLimitAction WantedBy RequiredBy DefaultInstance Type ExecStart ExecStartPre ExecStartPost ExecCondition
    ExecReload ExecStop ExecStopPost RemainAfterExit PIDFile BusName NotifyAccess WatchdogSec Restart RestartSec TimeoutStartSec TimeoutStopSec
    TimeoutSec TimeoutAbortSec RuntimeMaxSec SuccessExitStatus RestartPreventExitStatus RestartForceExitStatus KillMode KillSignal RestartKillSignal
    FinalKillSignal ReloadSignal User Group SupplementaryGroups WorkingDirectory UMask Nice Environment EnvironmentFile PassEnvironment UnsetEnvironment
    StandardInput StandardOutput StandardError RuntimeDirectory RuntimeDirectoryMode RuntimeDirectoryPreserve StateDirectory StateDirectoryMode
    CacheDirectory CacheDirectoryMode LogsDirectory LogsDirectoryMode ConfigurationDirectory ConfigurationDirectoryMode Sockets FileDescriptorStoreMax
    PermissionsStartOnly PAMName TTYPath`),
];

/** What a boot of Muster needs no waiting for. */
export const NOTHING_TO_WAIT_FOR =
  /^((network|network-online|network-pre|remote-fs|remote-fs-pre|nss-lookup|nss-user-lookup|syslog|time-sync|time-set|local-fs|local-fs-pre|sysinit|basic|multi-user|graphical|shutdown|sockets|timers|paths|swap|umount|final|rpcbind|slices|getty|getty-pre|cloud-init|cloud-config|cryptsetup|initrd.*|rescue|emergency)\.target|dbus\.(socket|service)|systemd-.*\.(service|socket|mount)|.*\.slice|-\.mount|.*\.mount|.*\.device|.*\.automount|.*\.swap|plymouth.*|syslog\.socket)$/;
