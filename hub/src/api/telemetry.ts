import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  AGGREGATES,
  type Aggregate,
  choice,
  HistoryView,
  MetricName,
  type MetricView,
} from '@fieldline/protocol';
import { Type } from 'typebox';
import type { DeviceDirectory } from '../devices/directory.js';
import type { History } from '../history/history.js';
import { DeviceParams } from './device-params.js';
import { notFound, problems, ValidationError } from './problem.js';
import { parseRange, RangeQuery } from './range.js';

export interface TelemetryRouteDeps {
  readonly directory: DeviceDirectory;
  readonly history: History;
  /** Resolves when what this device was acknowledged can be read back, or when waiting for it makes no sense. */
  readonly settle: (device: string) => Promise<unknown>;
  readonly now: () => number;
}

/** How many points one answer holds at the most; more through `next`. */
const MAX_POINTS = 10_000;

const AggregateName = choice(AGGREGATES, {
  description: 'How a bucket becomes one value: `mean` by default for numbers, `last` for others.',
});

const TelemetryQuery = Type.Object(
  {
    metric: MetricName,
    ...RangeQuery,
    points: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_POINTS,
        description:
          'Buckets that the range is divided into, at the most; 500 by default. For `raw`: points an answer.',
      }),
    ),
    aggregate: Type.Optional(AggregateName),
    cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the answer before.' })),
  },
  { additionalProperties: false },
);

/** `GET /devices/:id/telemetry`: the history of one metric. */
export const telemetryRoutes: FastifyPluginAsyncTypebox<TelemetryRouteDeps> = async (app, deps) => {
  const { directory, history, settle, now } = deps;

  app.get(
    '/devices/:id/telemetry',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getTelemetry',
        summary: 'The history of one metric',
        tags: ['telemetry'],
        params: DeviceParams,
        querystring: TelemetryQuery,
        response: {
          200: HistoryView,
          ...problems({ 404: 'A device or a metric never seen', 422: 'A query that makes no sense' }),
        },
      },
    },
    async ({ params: { id }, query }) => {
      const { from, to } = parseRange(query, now());
      const metric = seenMetric(directory, id, query.metric);
      const aggregate = query.aggregate ?? (metric.type === 'number' ? 'mean' : 'last');
      requireFit(aggregate, metric);
      await settle(id);
      const answer = await history.query({
        device: id,
        metric: query.metric,
        from,
        to,
        points: query.points ?? 500,
        aggregate,
        limit: aggregate === 'raw' ? (query.points ?? MAX_POINTS) : MAX_POINTS,
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      });
      const { interval, points, next } = answer;
      return { device: id, metric: query.metric, unit: metric.unit, interval, points: [...points], next };
    },
  );
};

/** @throws FieldlineError 404 when the device, or the metric of it, was never seen */
export function seenMetric(directory: DeviceDirectory, device: string, name: string): MetricView {
  const view = directory.view(device);
  if (view === undefined) throw notFound(`device ${device}`);
  const metric = Object.hasOwn(view.metrics, name) ? view.metrics[name] : undefined;
  if (metric === undefined || metric.time === null) throw notFound(`metric ${name} of device ${device}`);
  return metric;
}

/** There is no mean of texts. */
function requireFit(aggregate: Aggregate, { type }: MetricView): void {
  if (type !== 'string' || aggregate === 'last' || aggregate === 'count' || aggregate === 'raw') return;
  throw new ValidationError([
    { path: 'query.aggregate', message: `must be last, count or raw, because the metric is a ${type}` },
  ]);
}
