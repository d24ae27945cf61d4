/** fixtures/router: boots the daemons of a router, breaks one, opens and closes tunnels, updates, and shuts down. */
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@muster/posix/test/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Machine, ROOT } from './machine.ts';
import { freePorts, whyNoRouter } from './router-here.ts';
import { eventsOfChange, type Start, startsIn, statusOf } from './seen-by-commands.ts';

const ROUTER = join(ROOT, 'fixtures/router');
const SIX = ['avahi', 'controller', 'dbus', 'dns-monitor', 'proxy', 'watchfrr'];
const ASK_AVAHI =
  'dbus-send --bus="unix:path=$ROUTER_RUN/dbus/bus" --dest=org.freedesktop.Avahi --print-reply=literal ' +
  '/ org.freedesktop.Avahi.Server.GetHostNameFqdn';
const reason = whyNoRouter();
if (reason !== null) console.log(`the router is not tried here: ${reason}`);

describe.skipIf(reason !== null)('the router', () => {
  let machine: Machine;
  let run: string;
  let starts: Map<string, Start>;

  beforeAll(async () => {
    const [proxy, dns, dnsmasq, mesh, tinc] = await freePorts(5);
    machine = new Machine(join(ROUTER, 'source'), (directory) => ({
      PATH: `${join(ROUTER, 'bin')}:${join(ROOT, 'build')}:/usr/local/sbin:/usr/sbin:/sbin:${process.env.PATH}`,
      ROUTER_RUN: join(directory, 'router'),
      ROUTER_BUN: process.execPath,
      ROUTER_PROXY_PORT: String(proxy),
      ROUTER_DNS_PORT: String(dns),
      ROUTER_DNSMASQ_PORT: String(dnsmasq),
      ROUTER_MESH_PORT: String(mesh),
      ROUTER_TINC_PORT: String(tinc),
    }));
    run = machine.environment.ROUTER_RUN!;
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-init');
  });
  afterAll(() => machine?.dispose());

  const up = () => [...statusOf(machine).values()].filter(({ ready }) => ready).map(({ name }) => name);
  const pid = (service: string) => statusOf(machine).get(service)!.pid!;
  const read = (file: string) => (existsSync(join(run, file)) ? readFileSync(join(run, file), 'utf8') : '');
  const verdict = (word: string) =>
    eventually(`dns-monitor says ${word}`, () => read('dns-monitor/verdict').trim() === word);

  test('boots the six services that it always needs', () => {
    starts = startsIn(eventsOfChange(machine, 'default'));
    expect([...starts.keys()].sort()).toEqual([...SIX, 'run-directory'].sort());
    expect(up()).toEqual(expect.arrayContaining(SIX));
  });

  test('in the order of their needs, and otherwise at the same time', () => {
    for (const [name, { began }] of starts) {
      for (const need of needsOf(name))
        expect(began, `${name} needs ${need}`).toBeGreaterThanOrEqual(starts.get(need)!.done);
    }
    for (const one of ['dbus', 'watchfrr', 'proxy', 'dns-monitor']) {
      for (const other of ['dbus', 'watchfrr', 'proxy', 'dns-monitor'])
        expect(starts.get(one)!.began, `${one} waited for ${other}`).toBeLessThanOrEqual(starts.get(other)!.done);
    }
  });

  test('the daemons do their work', async () => {
    const name = machine.must('sh', '-c', ASK_AVAHI);
    expect(name).toContain('router.local');
    const proxied = await fetch('http://tinyproxy.stats/', {
      proxy: `http://127.0.0.1:${machine.environment.ROUTER_PROXY_PORT}`,
    });
    expect(await proxied.text()).toContain('tinyproxy');
    await verdict('silent');
  });

  test.each(['dbus', 'watchfrr', 'proxy'])('%s is killed and returns', async (service) => {
    const before = pid(service);
    process.kill(before, 'SIGKILL');
    await eventually(`${service} is back`, () => {
      const now = statusOf(machine).get(service)!;
      return now.ready && now.pid !== before;
    });
    // avahi leaves when its bus does, and returns too.
    await eventually('all six are ready', () => SIX.every((name) => statusOf(machine).get(name)!.ready));
  });

  test('an on-demand service brings what it needs, and leaves when it is told to', async () => {
    machine.must('rc-change', 'dnsmasq');
    expect(up()).toEqual(expect.arrayContaining(['dns-forwarder', 'dnsmasq']));
    await verdict('answers');
    machine.must('rc-change', '-d', 'dns-forwarder');
    expect(up()).not.toContain('dnsmasq');
    await verdict('silent');
  });

  test('the controller opens and closes tunnels with rc-change', async () => {
    const ask = async (request: string) => {
      appendFileSync(join(run, 'controller/requests'), `${request}\n`);
      await eventually(request, () => read('controller/answers').includes(`${request}: 0\n`));
    };
    await ask('up tunnels');
    expect(up()).toEqual(expect.arrayContaining(['mesh-vpn', 'tinc']));
    await ask('down tunnels');
    expect(up()).not.toEqual(expect.arrayContaining(['mesh-vpn']));
    expect(up()).not.toEqual(expect.arrayContaining(['tinc']));
  });

  test('an update restarts the service whose configuration changed, and no other', () => {
    const before = SIX.map((service) => [service, pid(service)] as const);
    appendFileSync(join(machine.source, 'proxy/data/tinyproxy.conf'), 'DisableViaHeader Yes\n');
    machine.must('rc-compile', machine.source, machine.compiled);
    machine.must('rc-update');
    const changed = before.filter(([service, old]) => pid(service) !== old).map(([service]) => service);
    expect(changed).toEqual(['proxy']);
    expect(read('proxy.conf')).toContain('DisableViaHeader');
  });

  test('shuts down without leaving a process or a file', () => {
    machine.must('rc-shutdown');
    expect(machine.processes()).toEqual([]);
    expect(readdirSync(machine.directory).sort()).toEqual(['compiled', 'source']);
    expect(existsSync('/run/avahi-daemon')).toBe(false);
  });
});

function needsOf(service: string): string[] {
  const directory = join(ROUTER, 'source', service, 'dependencies.d');
  return existsSync(directory) ? readdirSync(directory) : [];
}
