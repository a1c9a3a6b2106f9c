import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { JournalStats } from '@fieldline/journal';
import { SystemView } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { DeviceCounts } from '../devices/directory.js';
import type { History } from '../history/history.js';
import type { Counters } from '../ops/counters.js';
import { diskOf } from '../ops/disk.js';
import { type Buckets, syncTimes } from '../ops/sync-times.js';
import { SAMPLE_MS, type SystemSamples } from '../ops/system-samples.js';
import { hubVersion } from '../version.js';
import { problems } from './problem.js';

export interface SystemRouteDeps {
  readonly counters: Counters;
  readonly metrics: { syncs(): Promise<Buckets> };
  readonly samples: Pick<SystemSamples, 'since'>;
  readonly journal: { stats(): JournalStats };
  readonly history: Pick<History, 'bytes'>;
  readonly directory: { count(): DeviceCounts };
  /** How many viewers are connected. */
  readonly viewers: () => number;
  /** Where everything that lasts is. */
  readonly dataDirectory: string;
  readonly now: () => number;
}

const Query = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Only samples that ended later, ms since 1970.' }),
    ),
  },
  { additionalProperties: false },
);

const ABOUT = `What \`/metrics\` tells to Prometheus, for the page and for scripts: counters since the start, how things
stand, and the last quarter of an hour in samples of 5 s. Ask again with \`after\` set to the \`at\` of the last sample.
How the sinks are is told by \`/readyz\`.`;

/** `GET /system`: how the hub is. */
export const systemRoutes: FastifyPluginAsyncTypebox<SystemRouteDeps> = async (app, deps) => {
  const { counters, metrics, samples, journal, history, directory, viewers, dataDirectory, now } = deps;
  const startedAt = now();
  const version = hubVersion();

  app.get(
    '/system',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getSystem',
        summary: 'How the hub is, and was in the last minutes',
        description: ABOUT,
        tags: ['operation'],
        querystring: Query,
        response: { 200: SystemView, ...problems({ 422: 'A query that makes no sense' }) },
      },
    },
    async ({ query }) => {
      const { online, sleeping, offline, stale, flapping } = directory.count();
      const { readings, duplicates, gaps, clockRepairs, bestEffortDropped, liveDropped } = counters;
      return {
        version,
        startedAt,
        at: now(),
        messages: { ...counters.messages },
        ...{ readings, duplicates, gaps, clockRepairs, bestEffortDropped, liveDropped },
        rejects: Object.fromEntries(counters.rejects),
        sync: syncTimes(await metrics.syncs()),
        devices: { online, sleeping, offline, stale, flapping },
        viewers: viewers(),
        memoryBytes: process.memoryUsage.rss(),
        journalBytes: journal.stats().bytes,
        historyBytes: history.bytes(),
        disk: await diskOf(dataDirectory),
        sampleMs: SAMPLE_MS,
        samples: samples.since(query.after ?? 0),
      };
    },
  );
};
