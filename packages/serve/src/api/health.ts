/** Whether the server answers, whether what a boot begins with is ready, and numbers for a monitor. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { UNHEARD } from '@muster/control/events';
import { status } from '@muster/control/status/status';
import { isTrouble } from '@muster/control/status/trouble';
import { Health } from './data.ts';
import { json } from './routes.ts';
import type { ServerContext } from './server-context.ts';

/** The bundle that a boot brings up. */
const DEFAULT = 'default';

export function addHealth(app: OpenAPIHono, { root }: ServerContext): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/health',
      operationId: 'health',
      responses: { 200: json(Health, 'the server answers') },
    }),
    (context) => context.json(healthOf(root), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/health/ready',
      operationId: 'ready',
      responses: { 200: json(Health, 'all of default is ready'), 503: json(Health, 'not all of it is, with reasons') },
    }),
    (context) => {
      const health = healthOf(root);
      return context.json(health, health.ready ? 200 : 503);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/metrics',
      operationId: 'metrics',
      responses: { 200: { description: 'OpenMetrics, as text' } },
    }),
    (context) =>
      context.body(metricsOf(root), 200, {
        'Content-Type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
      }),
  );
}

function healthOf(root: string) {
  const seen = status({ root, names: [DEFAULT] }, UNHEARD);
  if (!seen.ok) {
    const why = seen.problem.kind === 'unusable' ? seen.problem.diagnostic.message : `there is no bundle ${DEFAULT}`;
    return { alive: true as const, ready: false, reasons: [why] };
  }
  const { services, absence } = seen.value;
  const reasons = services
    .filter((service) => !service.ready || isTrouble(service))
    .map(({ name, state }) => `${name} is ${state.name}`);
  if (absence !== null) reasons.push('the supervision tree is away');
  return { alive: true as const, ready: reasons.length === 0, reasons };
}

function metricsOf(root: string): string {
  const seen = status({ root, names: [] }, UNHEARD);
  const services = seen.ok ? seen.value.services : [];
  const lines = [
    '# TYPE muster_service_ready gauge',
    '# HELP muster_service_ready Whether a service is up and ready.',
    ...services.map(({ name, ready }) => `muster_service_ready{service="${escaped(name)}"} ${ready ? 1 : 0}`),
    '# TYPE muster_service_state stateset',
    '# HELP muster_service_state In which state a service is.',
    ...services.map(
      ({ name, state }) => `muster_service_state{service="${escaped(name)}",muster_service_state="${state.name}"} 1`,
    ),
    '# TYPE muster_service_restarts counter',
    '# HELP muster_service_restarts Deaths that nobody asked for, since it was last brought up.',
    ...services.map(({ name, restarts }) => `muster_service_restarts_total{service="${escaped(name)}"} ${restarts}`),
    '# TYPE muster_tree_running gauge',
    '# HELP muster_tree_running Whether the supervision tree runs.',
    `muster_tree_running ${seen.ok && seen.value.absence === null ? 1 : 0}`,
    '# EOF',
  ];
  return `${lines.join('\n')}\n`;
}

function escaped(name: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
