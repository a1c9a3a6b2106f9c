import type { JournalStats } from '@fieldline/journal';
import type { AlarmNumbers } from '../../alarms/alarm-numbers.js';
import type { DeviceCounts } from '../../devices/directory.js';
import type { SinkStatus } from '../../sinks/sink.js';
import type { Counters } from '../counters.js';
import { type Buckets, syncTimes } from '../sync-times.js';
import { flag, integer, reportLine, text } from './report-line.js';

/** What is known of the hub as a whole. It is what `/metrics` shows. */
export interface HubSources {
  readonly counters: Counters;
  readonly journal: { stats(): JournalStats };
  readonly sinks: () => Readonly<Record<string, SinkStatus>>;
  readonly directory: { count(): DeviceCounts };
  readonly viewers: () => number;
  readonly alarms: Pick<AlarmNumbers, 'byLevel'>;
  /** The histogram of the journal's syncs, cumulative. */
  readonly syncs: () => Promise<Buckets>;
}

/** What two looks at the hub share, to tell what happened between them. */
export interface HubLook {
  readonly syncs: Buckets;
  readonly loop: ReturnType<typeof performance.eventLoopUtilization>;
}

export async function lookAtHub({ syncs }: HubSources): Promise<HubLook> {
  return { syncs: await syncs(), loop: performance.eventLoopUtilization() };
}

/** `fieldline_hub`. Counters count from the hub's start; sync times are those since the look before. */
export function hubLine(
  sources: HubSources,
  look: HubLook,
  before: HubLook,
  timeMs: number,
): string | undefined {
  const { counters, journal, directory, viewers, alarms } = sources;
  const { bytes, maxBytes, trouble } = journal.stats();
  const { online, sleeping, offline, stale, flapping } = directory.count();
  const sync = syncTimes(look.syncs, before.syncs);
  const counted = { raised: 0, acknowledged: 0 };
  for (const [, state, count] of alarms.byLevel()) counted[state] += count;
  return reportLine(
    'fieldline_hub',
    {},
    {
      messages_ws: integer(counters.messages.ws),
      messages_http: integer(counters.messages.http),
      messages_mqtt: integer(counters.messages.mqtt),
      readings: integer(counters.readings),
      duplicates: integer(counters.duplicates),
      gaps: integer(counters.gaps),
      clock_repairs: integer(counters.clockRepairs),
      rejected: integer([...counters.rejects.values()].reduce((sum, count) => sum + count, 0)),
      best_effort_dropped: integer(counters.bestEffortDropped),
      live_dropped: integer(counters.liveDropped),
      authentication_failures: integer(counters.authenticationFailures),
      journal_bytes: integer(bytes),
      journal_max_bytes: integer(maxBytes),
      journal_trouble: flag(trouble !== null),
      sync_median_ms: sync?.median ?? null,
      sync_p99_ms: sync?.p99 ?? null,
      devices_online: integer(online),
      devices_sleeping: integer(sleeping),
      devices_offline: integer(offline),
      devices_stale: integer(stale),
      devices_flapping: integer(flapping),
      alarms_raised: integer(counted.raised),
      alarms_acknowledged: integer(counted.acknowledged),
      viewers: integer(viewers()),
      memory_bytes: integer(process.memoryUsage.rss()),
      busy: performance.eventLoopUtilization(look.loop, before.loop).utilization,
    },
    timeMs * 1000,
  );
}

/** `fieldline_reject`: values refused since the hub's start, by code. Codes are few. */
export function rejectLines({ counters }: Pick<HubSources, 'counters'>, timeMs: number): string[] {
  return [...counters.rejects].flatMap(
    ([code, count]) =>
      reportLine('fieldline_reject', { code }, { count: integer(count) }, timeMs * 1000) ?? [],
  );
}

/** `fieldline_sink` and `fieldline_sink_error`: how each sink does. */
export function sinkLines({ sinks }: Pick<HubSources, 'sinks'>, timeMs: number): string[] {
  const timeUs = timeMs * 1000;
  return Object.entries(sinks()).flatMap(([sink, { state, lag, oldest, written, skipped, errors }]) => {
    const age = oldest === null ? 0 : Math.max(0, timeMs - oldest) / 1000;
    const numbers = { lag: integer(lag), oldest: age, written: integer(written), skipped: integer(skipped) };
    const line = reportLine('fieldline_sink', { sink }, { state: text(state), ...numbers }, timeUs);
    const failed = Object.entries(errors).map(([kind, count]) =>
      reportLine('fieldline_sink_error', { sink, kind }, { count: integer(count) }, timeUs),
    );
    return [line, ...failed].filter((one) => one !== undefined);
  });
}
