/** Recorded events, for people. */
import type { RecordedEvent } from '@muster/store/live/events';
import { formatDuration } from '../duration.ts';

/** `web is up after 12 ms`, without the time. */
export function recordedText(event: RecordedEvent): string {
  const { service = '' } = event;
  switch (event.event) {
    case 'change':
      return `${event.command} began (pid ${event.change})`;
    case 'done':
      return `${event.command} ended (pid ${event.change})`;
    case 'starting':
    case 'stopping':
    case 'reloading':
      return `${service} is ${event.event}`;
    case 'up':
    case 'ready':
    case 'down':
      return `${service} is ${event.event}${after(event)}`;
    case 'failed':
      return `${service} failed to go ${event.action}: ${event.cause}${after(event)}`;
    case 'died':
      return `${service} died soon after it came up`;
    case 'skipped':
      return `${service} was skipped because of ${event.because}`;
    case 'waiting':
      return `${service} waits: ${event.on} is held by ${event.holder ?? 'another command'}`;
    case 'asks':
      return `${service} waits for an answer: rc-answer ${service}`;
    case 'left-running':
      return `${service} left running: pid ${event.pid} (${event.command})`;
    case 'overruled':
      return `${service} was given up: process ${event.by} asked for the opposite`;
    default:
      return `${service} ${event.event}${after(event)}`;
  }
}

function after({ elapsed }: RecordedEvent): string {
  return typeof elapsed === 'number' ? ` after ${formatDuration(elapsed)}` : '';
}
