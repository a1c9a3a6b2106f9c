import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type AuditEntry, choice } from '@fieldline/protocol';
import { stringify } from 'csv-stringify/sync';
import { Type } from 'typebox';
import type { Audit, AuditFilter } from '../state/audit.js';
import { AuditQuery } from './audit.js';
import { deedOf } from './deed.js';
import { problems } from './problem.js';

export interface AuditExportDeps {
  readonly audit: Pick<Audit, 'slices' | 'add'>;
  readonly now: () => number;
}

const ExportQuery = Type.Object(
  { ...AuditQuery, format: choice(['csv', 'ndjson'], { default: 'csv' }) },
  { additionalProperties: false },
);

const Rows = Type.Unsafe<Readable>({ type: 'string' });

/** A reader that has taken nothing for so long is not coming back. */
const STALLED_MS = 60_000;

const TYPES = { csv: 'text/csv; charset=utf-8; header=present', ndjson: 'application/x-ndjson' } as const;
const COLUMNS = ['id', 'time', 'actor', 'address', 'action', 'subject', 'result', 'details'];

/** `GET /audit/export`: who did what, as a file. */
export const auditExportRoutes: FastifyPluginAsyncTypebox<AuditExportDeps> = async (app, { audit, now }) => {
  app.get(
    '/audit/export',
    {
      exposeHeadRoute: false,
      config: { access: 'admin' },
      schema: {
        operationId: 'exportAudit',
        summary: 'Who did what, as a file, newest first',
        description:
          'Streamed. In `csv`, `time` is ISO 8601 in UTC, `details` is JSON, and a text that a spreadsheet would run ' +
          "as a formula gets a `'` in front; `ndjson` has the entries of `GET /audit`, one a line.",
        tags: ['access'],
        querystring: ExportQuery,
        response: {
          200: {
            description: 'The entries',
            content: { 'text/csv': { schema: Rows }, 'application/x-ndjson': { schema: Rows } },
          },
          ...problems({ 422: 'A query that makes no sense' }),
        },
      },
    },
    async (request, reply) => {
      const { format, ...filter } = request.query;
      const details = { format, ...filter };
      audit.add({ ...deedOf(request, now()), action: 'audit.exported', subject: 'audit', details });
      reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
      const body = Readable.from(render(audit, filter, format), { objectMode: false });
      body.once('error', (error) => request.log.error({ err: error }, 'an export of the audit broke off'));
      reply.header('content-disposition', `attachment; filename="fieldline-audit.${format}"`);
      reply.type(TYPES[format]);
      return reply.send(body);
    },
  );
};

async function* render(
  audit: AuditExportDeps['audit'],
  filter: AuditFilter,
  format: keyof typeof TYPES,
): AsyncGenerator<string> {
  if (format === 'csv') yield stringify([COLUMNS]);
  for (const entries of audit.slices(filter)) {
    const rows =
      format === 'csv'
        ? stringify(entries.map(csvRecord), { escape_formulas: true })
        : entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    if (rows !== '') yield rows;
    // Others have their turn between two pieces, also where nothing matches.
    await turn();
  }
}

function csvRecord({ id, at, actor, address, action, subject, result, details }: AuditEntry) {
  const told = details === null ? '' : JSON.stringify(details);
  return [id, new Date(at).toISOString(), actor, address, action, subject, result, told];
}
