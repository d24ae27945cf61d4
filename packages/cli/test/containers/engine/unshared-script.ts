/** What sh does in the namespaces of a container before its process 1 is there. */
import { dirname, join } from 'node:path';
import type { RunOptions } from './engine.ts';
import { BUILT, EXECUTABLE } from './image.ts';

export interface Layers {
  /** The image's files, over the base. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  /** Where all of it is mounted. */
  readonly root: string;
}

/** What an engine leaves to a container's root unless it is asked for more. */
const CAPABILITIES = [
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'net_bind_service',
  'setfcap',
  'setgid',
  'setpcap',
  'setuid',
  'sys_chroot',
];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** Ends in the program itself: `command` is executed with `chroot`, which is the last that has a PATH of out here. */
export function scriptFor(layers: Layers, options: RunOptions, command: readonly string[]): string {
  const { root } = layers;
  const inside = (path: string) => quote(join(root, path));
  const bind = (place: string, from: string) => [
    `mkdir -p ${inside(dirname(place))}`,
    `if [ -d ${quote(from)} ]; then mkdir -p ${inside(place)}; else [ -e ${inside(place)} ] || : > ${inside(place)}; fi`,
    `mount --bind ${quote(from)} ${inside(place)}`,
  ];
  const [uid = '0', gid = uid] = (options.user ?? '0:0').split(':');
  const bounding = `--bounding-set=-all,${CAPABILITIES.map((name) => `+${name}`).join(',')}`;
  return [
    'set -e',
    // The container's own is for its program.
    'path=$PATH',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'mount --make-rprivate /',
    `mount -t overlay overlay -o lowerdir=${layers.lower.join(':')},upperdir=${layers.upper},workdir=${layers.work} ${quote(root)}`,
    ...bind(EXECUTABLE, BUILT),
    `mount -o remount,bind,ro ${inside(EXECUTABLE)}`,
    `mount -t proc proc ${inside('proc')}`,
    `mount -t tmpfs -o mode=755 dev ${inside('dev')}`,
    ...DEVICES.flatMap((name) => bind(`/dev/${name}`, `/dev/${name}`)),
    `ln -s /proc/self/fd ${inside('dev/fd')}`,
    ...['stdin', 'stdout', 'stderr'].map((name, fd) => `ln -s /proc/self/fd/${fd} ${inside(`dev/${name}`)}`),
    `mkdir ${inside('dev/shm')}; mount -t tmpfs -o mode=1777 shm ${inside('dev/shm')}`,
    ...Object.entries(options.volumes ?? {}).flatMap(([place, from]) => bind(place, from)),
    ...(options.tmpfs ?? []).map((path) => `mkdir -p ${inside(path)}`),
    ...(options.readOnly ? [`mount -o remount,bind,ro ${quote(root)}`] : []),
    ...(options.tmpfs ?? []).map((path) => `mount -t tmpfs -o mode=1777 tmpfs ${inside(path)}`),
    `PATH=$path exec ${Bun.which('setpriv')} ${bounding} ${Bun.which('chroot')} --userspec=${uid}:${gid} --groups= ${quote(root)} ${command.map(quote).join(' ')}`,
    '',
  ].join('\n');
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
