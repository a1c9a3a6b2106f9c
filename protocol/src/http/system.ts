import Type from 'typebox';
import { mapOf, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { Time } from './fields.js';

const Count = Type.Integer({ minimum: 0 });
const Rate = Type.Number({ description: 'A second.' });

/** How long syncs of the journal took, ms: half of them no longer than `median`, 99 of 100 than `p99`. */
const SyncTimes = nullable(
  Type.Object(
    { median: Type.Number(), p99: Type.Number() },
    {
      description: 'How long syncs of the journal took, ms, as exactly as a histogram tells; null for none.',
    },
  ),
);
export type SyncTimes = DeepReadonly<Type.Static<typeof SyncTimes>>;

/** What happened in a few seconds: rates between two looks at the counters, and how things stood at the end. */
export const SystemSample = Type.Object(
  {
    at: Type.Integer({ description: 'Its end, ms since 1970.' }),
    messages: mapOf(Rate, { description: 'Messages, by how they came: `ws`, `mqtt`, `http`.' }),
    readings: Rate,
    rejected: Rate,
    duplicates: Rate,
    sync: SyncTimes,
    lag: mapOf(Count, { description: 'Readings that wait, by sink.' }),
    written: mapOf(Rate, { description: 'Readings written, by sink.' }),
    memoryBytes: Count,
    busy: Type.Number({ description: 'Part of the time in which the event loop worked, 0 to 1.' }),
    viewers: Count,
  },
  { title: 'SystemSample' },
);
export type SystemSample = DeepReadonly<Type.Static<typeof SystemSample>>;

/** How the hub is: counters since its start, how things stand, and the last minutes. */
export const SystemView = Type.Object(
  {
    version: Type.String(),
    startedAt: Time,
    at: Type.Integer({ description: 'Now, by the clock of the hub.' }),
    messages: mapOf(Count, { description: 'Messages since the start, by how they came.' }),
    readings: Count,
    duplicates: Count,
    gaps: Count,
    clockRepairs: Type.Integer({ description: 'Readings whose time was repaired.' }),
    rejects: mapOf(Count, { description: 'Values refused since the start, by code.' }),
    bestEffortDropped: Type.Integer({
      description: 'Messages without a number that were dropped under overload.',
    }),
    liveDropped: Type.Integer({ description: 'Updates that slow viewers did not get.' }),
    sync: SyncTimes,
    devices: Type.Object({
      online: Count,
      sleeping: Count,
      offline: Count,
      stale: Count,
      flapping: Count,
    }),
    viewers: Count,
    memoryBytes: Type.Integer({ description: 'Memory of the process (RSS).' }),
    journalBytes: Count,
    historyBytes: nullable(
      Type.Integer({ description: 'What the history occupies on this disk; null where it lives elsewhere.' }),
    ),
    disk: nullable(
      Type.Object(
        { bytes: Count, freeBytes: Count },
        { description: 'The disk of the data directory; null where the system does not say.' },
      ),
    ),
    sampleMs: Type.Integer({ description: 'How long a sample is.' }),
    samples: Type.Array(SystemSample, { description: 'Of the last minutes, oldest first.' }),
  },
  { title: 'System' },
);
export type SystemView = DeepReadonly<Type.Static<typeof SystemView>>;
