import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { choice, DeviceId, MetricName } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { DeviceDirectory } from '../devices/directory.js';
import { FieldlineError } from '../errors.js';
import type { History } from '../history/history.js';
import { chunks, FORMATS, render } from './export-format.js';
import { notFound, problems } from './problem.js';
import { parseRange, RangeQuery } from './range.js';
import { seenMetric } from './telemetry.js';

export interface ExportRouteDeps {
  readonly directory: DeviceDirectory;
  readonly history: History;
  readonly settle: (device: string) => Promise<unknown>;
  readonly now: () => number;
}

/** Each holds a page of rows and a part of the history's time. */
const MAX_EXPORTS = 16;

/** A reader that has taken nothing for so long is not coming back. */
const STALLED_MS = 60_000;

const ExportQuery = Type.Object(
  {
    device: DeviceId,
    metric: Type.Optional(MetricName),
    ...RangeQuery,
    format: choice(['csv', 'ndjson'], { default: 'csv' }),
  },
  { additionalProperties: false },
);

const Rows = Type.Unsafe<Readable>({ type: 'string' });

const DESCRIPTION = `Every stored value in order of time, streamed at the pace of its reader.

\`csv\` has the columns \`time\` (ISO 8601 in UTC with microseconds), \`device\`, \`metric\`, \`value\`. A text that a
spreadsheet would run as a formula (it begins with \`=\`, \`+\`, \`-\`, \`@\`, a tab or a carriage return) gets a \`'\` in
front; numbers are left alone. \`ndjson\` has one object a line and changes nothing: \`time\` in ms, \`timeUs\` in
microseconds, \`device\`, \`metric\`, \`value\`. An answer that ends without the last chunk is incomplete.`;

/** `GET /telemetry/export`: everything of a device, as a file. */
export const exportRoutes: FastifyPluginAsyncTypebox<ExportRouteDeps> = async (app, deps) => {
  const { directory, history, settle, now } = deps;
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  let running = 0;

  app.get(
    '/telemetry/export',
    {
      // A HEAD would read the whole history for nothing.
      exposeHeadRoute: false,
      config: { access: 'viewer' },
      schema: {
        operationId: 'exportTelemetry',
        summary: 'Stored values as a file',
        description: DESCRIPTION,
        tags: ['telemetry'],
        querystring: ExportQuery,
        response: {
          200: {
            description: 'The values',
            content: {
              'text/csv': { schema: Rows },
              'application/x-ndjson': { schema: Rows },
            },
          },
          ...problems({
            404: 'A device or a metric never seen',
            422: 'A query that makes no sense',
            503: '`too_many_exports`; see `Retry-After`',
          }),
        },
      },
    },
    async (request, reply) => {
      const { device, metric, format } = request.query;
      const { from, to } = parseRange(request.query, now());
      if (!directory.has(device)) throw notFound(`device ${device}`);
      if (metric !== undefined) seenMetric(directory, device, metric);
      if (running >= MAX_EXPORTS) throw busy();
      running++;
      const gone = new AbortController();
      reply.raw.once('close', () => {
        running--;
        gone.abort();
      });
      reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
      await settle(device);

      const signal = AbortSignal.any([gone.signal, closing.signal]);
      const rows = history.export({ device, ...(metric === undefined ? {} : { metric }), from, to }, signal);
      const batches = chunks(rows);
      // The first rows are read before the answer begins: a failure so far is still told as a problem.
      const first = await batches.next();
      const body = Readable.from(render(FORMATS[format], first, batches), { objectMode: false, signal });
      body.once('error', (error) => {
        if (!signal.aborted) request.log.error({ err: error, device }, 'an export broke off');
      });
      reply.header('content-disposition', `attachment; filename="fieldline-${device}.${format}"`);
      reply.type(FORMATS[format].type);
      return reply.send(body);
    },
  );
};

function busy(): FieldlineError {
  const detail = `${MAX_EXPORTS} exports are running, which is the limit`;
  return new FieldlineError('too_many_exports', detail, { status: 503, retryAfterMs: 5_000 });
}
