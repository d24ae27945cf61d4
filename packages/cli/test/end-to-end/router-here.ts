/** What the router needs of the machine that it is tried on. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

const PROGRAMS = [
  'avahi-daemon',
  'dbus-daemon',
  'dbus-send',
  'dnsmasq',
  'nebula',
  'nebula-cert',
  'setpriv',
  'tincd',
  'tinyproxy',
  'unbound',
  '/usr/lib/frr/watchfrr',
];

/** Why the router cannot be booted here; null if it can. */
export function whyNoRouter(): string | null {
  if (process.getuid?.() !== 0) return 'it takes root';
  const missing = PROGRAMS.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  if (spawnSync('unshare', ['--net', 'true']).status !== 0) return 'the kernel gives it no network namespace';
  if (existsSync('/run/avahi-daemon/pid')) return 'an avahi-daemon is running already';
  return null;
}

/** `count` ports of the loopback interface that nobody listens at. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
