import type { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Backups } from '../backup/backup.js';
import type { Audit } from '../state/audit.js';
import { deedOf } from './deed.js';
import { problems } from './problem.js';

export interface BackupRouteDeps {
  readonly backups: Pick<Backups, 'start'>;
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
}

/** A reader that has taken nothing for so long is not coming back, and what is being copied takes space. */
const STALLED_MS = 60_000;

const Archive = Type.Unsafe<Readable>({ type: 'string', format: 'binary' });

const DESCRIPTION = `A consistent copy of everything that lasts, made while the hub runs: devices, users, commands, audit,
the embedded history, and what the journal holds. A gzip-compressed tar archive, whose last file is \`manifest.json\`
with the checksums of all others: an archive without it is not whole. It holds secrets (hashes of tokens and passwords,
the file \`admin-token\`, the configuration): keep it as you keep those. \`fieldline restore\` reads it. A history in
InfluxDB is not in it.`;

/** `POST /backup`: everything, as one file. */
export const backupRoutes: FastifyPluginAsyncTypebox<BackupRouteDeps> = async (
  app,
  { backups, audit, now },
) => {
  app.post(
    '/backup',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'makeBackup',
        summary: 'A backup of the hub',
        description: DESCRIPTION,
        tags: ['operation'],
        response: {
          200: { description: 'The archive', content: { 'application/gzip': { schema: Archive } } },
          ...problems({ 409: '`backup_running`; see `Retry-After`', 503: 'A store cannot be copied now' }),
        },
      },
    },
    async (request, reply) => {
      const deed = () => ({ ...deedOf(request, now()), subject: 'hub' });
      const archive = await backups.start((error) => {
        if (error !== null) request.log.error({ err: error }, 'a backup broke off');
        audit.add({ ...deed(), action: 'backup.made', result: error === null ? 'ok' : 'backup_failed' });
      });
      audit.add({ ...deed(), action: 'backup.started' });
      reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
      const name = `fieldline-${new Date(now()).toISOString().slice(0, 19).replaceAll(':', '')}.tar.gz`;
      reply.header('content-disposition', `attachment; filename="${name}"`);
      reply.type('application/gzip');
      return reply.send(archive);
    },
  );
};
