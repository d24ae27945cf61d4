/** What rc-status and rc-change say, as data. */
import type { Machine } from './machine.ts';

export interface ServiceStatus {
  readonly name: string;
  readonly state: string;
  readonly ready: boolean;
  readonly wanted: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly reason: string | null;
}

export function statusOf(machine: Machine): Map<string, ServiceStatus> {
  const { services } = JSON.parse(machine.must('rc-status', '--json')) as { services: ServiceStatus[] };
  return new Map(services.map((service) => [service.name, service]));
}

export interface ChangeEvent {
  readonly seq: number;
  readonly at: string;
  readonly event: string;
  readonly service: string;
}

/** Runs rc-change, which must succeed, and returns its events, the summary at the end left out. */
export function eventsOfChange(machine: Machine, ...args: string[]): ChangeEvent[] {
  const lines = machine
    .must('rc-change', '--json', ...args)
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as ChangeEvent).filter(({ event }) => event !== 'done');
}

/** When a service began to start, and when it was up (and ready, if it says so): milliseconds since the epoch. */
export interface Start {
  readonly began: number;
  readonly done: number;
}

export function startsIn(events: readonly ChangeEvent[]): Map<string, Start> {
  const starts = new Map<string, Start>();
  for (const { event, service, at } of events) {
    const time = Date.parse(at);
    if (event === 'starting') starts.set(service, { began: time, done: Number.NaN });
    if (event === 'up' || event === 'ready') starts.set(service, { began: starts.get(service)!.began, done: time });
  }
  return starts;
}
