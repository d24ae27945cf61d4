/** Whether all is as it should be. */
import type { ServiceStatus } from './service-status.ts';
import type { StatusReport } from './status.ts';

/** All that is wanted, of what was asked for, is up and ready, and can write its log. */
export function isHealthy({ live, absence, services }: StatusReport): boolean {
  return live.outlived === null && absence === null && !services.some(isTrouble);
}

/** What a probe asks: `booting` as long as nothing has failed, and what is not up yet may still come. */
export function healthOf(report: StatusReport): 'healthy' | 'booting' | 'failed' {
  if (!report.isBooting) return isHealthy(report) ? 'healthy' : 'failed';
  const isFailed = ({ state }: ServiceStatus) => FAILED.has(state.name);
  return report.absence !== null || report.services.some(isFailed) ? 'failed' : 'booting';
}

const FAILED: ReadonlySet<ServiceStatus['state']['name']> = new Set(['failed', 'blocked', 'backoff', 'unstable']);

/** It is wanted and not up, or something went wrong with it. */
export function isTrouble({ record, state, logTrouble }: ServiceStatus): boolean {
  switch (state.name) {
    case 'up':
    case 'ready':
    case 'done':
      return state.reason.why !== 'none' || logTrouble !== null;
    case 'failed':
    case 'blocked':
    case 'backoff':
    case 'unstable':
      return true;
    case 'starting':
    case 'stopping':
    case 'down':
      return record.wanted !== 'no';
  }
}
