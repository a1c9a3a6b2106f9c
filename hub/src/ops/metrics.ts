import type { JournalStats } from '@fieldline/journal';
import type { AlarmChannelView, CommandState } from '@fieldline/protocol';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AlarmNumbers } from '../alarms/alarm-numbers.js';
import type { DeviceCounts } from '../devices/directory.js';
import type { SinkStatus } from '../sinks/sink.js';
import type { Counters } from './counters.js';
import type { Buckets } from './sync-times.js';

/** What is measured. It is read when somebody scrapes; nothing is counted twice. */
export interface MetricSources {
  readonly counters: Counters;
  readonly journal: { stats(): JournalStats };
  readonly sinks: () => Readonly<Record<string, SinkStatus>>;
  readonly directory: { count(): DeviceCounts };
  /** How often a command came into each state. */
  readonly commands: Readonly<Record<CommandState, number>>;
  /** How many viewers are connected. */
  readonly viewers: () => number;
  readonly alarms: AlarmNumbers;
  /** ms since 1970. */
  readonly now?: () => number;
}

/** From the time of a fast disk's sync to that of one which makes devices wait. */
const SYNC_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** A fine monitor of the event loop's delay costs 1 to 2 µs for each message of a device. */
const EVENT_LOOP_PRECISION_MS = 100;

type Samples = Iterable<readonly [labels: Record<string, string>, value: number]>;

/** The hub's metrics (protocol §3 "Metrics"), in a registry of their own. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #syncSeconds: Histogram;

  constructor() {
    this.#syncSeconds = new Histogram({
      name: 'fieldline_journal_sync_seconds',
      help: 'How long a sync of the journal took.',
      buckets: SYNC_BUCKETS,
      registers: [this.#registry],
    });
  }

  /** Takes the duration of one sync of the journal. */
  readonly observeSync = (seconds: number): void => {
    this.#syncSeconds.observe(seconds);
  };

  /** What {@link observeSync} took, counted up to each bound in seconds. */
  async syncs(): Promise<Buckets> {
    const { values } = await this.#syncSeconds.get();
    return values.flatMap(({ labels: { le }, value }) =>
      le === undefined ? [] : [[le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value] as const],
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in Prometheus' text format. */
  scrape(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Registers everything that is read from elsewhere. To be called once. */
  open({
    counters,
    journal,
    sinks,
    directory,
    commands,
    viewers,
    alarms,
    now = Date.now,
  }: MetricSources): void {
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS,
    });
    const perSink = (value: (status: SinkStatus) => number): Samples =>
      Object.entries(sinks()).map(([sink, status]) => [{ sink }, value(status)]);

    this.#counter('messages_total', 'Messages received.', ['source'], () =>
      Object.entries(counters.messages).map(([source, count]) => [{ source }, count]),
    );
    this.#counter('readings_total', 'Readings accepted.', [], () => [[{}, counters.readings]]);
    this.#counter('rejects_total', 'Values refused.', ['code'], () =>
      [...counters.rejects].map(([code, count]) => [{ code }, count]),
    );
    this.#counter('duplicates_total', 'Messages that were received before.', [], () => [
      [{}, counters.duplicates],
    ]);
    this.#counter('gaps_total', 'Messages missing when a later one came.', [], () => [[{}, counters.gaps]]);
    this.#counter('clock_repairs_total', 'Readings whose time was repaired.', [], () => [
      [{}, counters.clockRepairs],
    ]);
    this.#counter(
      'best_effort_dropped_total',
      'Messages without a number that were dropped under overload.',
      [],
      () => [[{}, counters.bestEffortDropped]],
    );
    this.#counter('authentication_failures_total', 'Refused log-ins of devices.', [], () => [
      [{}, counters.authenticationFailures],
    ]);
    this.#counter('upgrades_refused_total', 'Refused upgrades of device sockets.', ['code'], () =>
      [...counters.upgradesRefused].map(([code, count]) => [{ code }, count]),
    );
    this.#counter(
      'upgrades_abandoned_total',
      'Upgrades of device sockets that gave up while they waited for their turn.',
      [],
      () => [[{}, counters.upgradesAbandoned]],
    );
    this.#counter('attempts_forgotten_total', 'Refused attempts that are no longer told of.', [], () => [
      [{}, counters.attemptsForgotten],
    ]);
    this.#counter('login_failures_total', 'Refused log-ins of people.', [], () => [
      [{}, counters.logInFailures],
    ]);
    this.#counter('mqtt_dropped_total', 'Messages that sessions of the embedded broker dropped.', [], () => [
      [{}, counters.mqttDropped],
    ]);
    this.#counter('mqtt_slow_clients_total', 'MQTT clients cut off because they did not read.', [], () => [
      [{}, counters.mqttSlowClients],
    ]);
    this.#counter('mqtt_refused_total', 'Publications and subscriptions that were refused.', [], () => [
      [{}, counters.mqttRefused],
    ]);
    this.#counter('mqtt_ingest_ignored_total', 'MQTT telemetry that was not taken.', ['reason'], () => [
      [{ reason: 'refused' }, counters.mqttIngest.refused],
      [{ reason: 'retained' }, counters.mqttIngest.retained],
      [{ reason: 'bad_topic' }, counters.mqttIngest.badTopics],
      [{ reason: 'dropped' }, counters.mqttIngest.dropped],
    ]);
    this.#counter('commands_total', 'Commands that came into this state.', ['state'], () =>
      Object.entries(commands).map(([state, count]) => [{ state }, count]),
    );
    this.#counter('mqtt_requests_total', 'Commands and configurations over MQTT.', ['result'], () => [
      [{ result: 'taken' }, counters.mqttRequests.taken],
      [{ result: 'refused' }, counters.mqttRequests.refused],
      [{ result: 'retained' }, counters.mqttRequests.retained],
      [{ result: 'bad_response_topic' }, counters.mqttRequests.badResponseTopics],
    ]);
    this.#counter('mqtt_skipped_total', 'Results, responses and frames that MQTT could not take.', [], () => [
      [{}, counters.mqttOutbox.skipped],
    ]);
    this.#counter('live_dropped_total', 'Updates that slow viewers did not get.', [], () => [
      [{}, counters.liveDropped],
    ]);

    this.#counter('viewers_refused_total', 'Viewers that there was no room for.', ['limit'], () =>
      Object.entries(counters.viewersRefused).map(([limit, count]) => [{ limit }, count]),
    );

    this.#gauge('journal_bytes', 'Size of the journal on disk.', [], () => [[{}, journal.stats().bytes]]);
    this.#gauge('journal_max_bytes', 'Size that the journal may have on disk.', [], () => [
      [{}, journal.stats().maxBytes],
    ]);
    this.#gauge('journal_trouble', '1 while nothing can be journaled, else 0.', [], () => [
      [{}, journal.stats().trouble === null ? 0 : 1],
    ]);
    this.#gauge(
      'journal_damaged_batches',
      'Damaged batches that recovery passed over at the start.',
      [],
      () => [[{}, journal.stats().damaged]],
    );
    this.#gauge(
      'sink_lag_readings',
      'Readings in the journal that the sink has not confirmed.',
      ['sink'],
      () => perSink(({ lag }) => lag),
    );
    this.#gauge(
      'sink_oldest_seconds',
      'Age of the oldest reading that the sink has not confirmed; 0 when it has caught up.',
      ['sink'],
      () => perSink(({ oldest }) => (oldest === null ? 0 : Math.max(0, now() - oldest) / 1000)),
    );
    this.#counter('sink_written_total', 'Readings that the sink confirmed.', ['sink'], () =>
      perSink(({ written }) => written),
    );
    this.#counter('sink_skipped_total', 'Readings that the sink will never get.', ['sink'], () =>
      perSink(({ skipped }) => skipped),
    );
    this.#counter('sink_errors_total', 'Failed writes of the sink.', ['sink', 'kind'], () =>
      Object.entries(sinks()).flatMap(([sink, { errors }]) =>
        Object.entries(errors).map(([kind, count]) => [{ sink, kind }, count] as const),
      ),
    );
    this.#gauge('devices', 'Registered devices.', ['state'], () => {
      const { online, sleeping, offline } = directory.count();
      return Object.entries({ online, sleeping, offline }).map(([state, count]) => [{ state }, count]);
    });
    this.#gauge('devices_stale', 'Devices whose readings are overdue.', [], () => [
      [{}, directory.count().stale],
    ]);
    this.#gauge('devices_flapping', 'Devices that connect again and again.', [], () => [
      [{}, directory.count().flapping],
    ]);
    this.#gauge('alarms', 'Alarms that are raised.', ['level', 'state'], () =>
      [...alarms.byLevel()].map(([level, state, count]) => [{ level, state }, count]),
    );
    this.#counter('alarms_pruned_total', 'Alarms that were over, and forgotten to make room.', [], () => [
      [{}, alarms.pruned()],
    ]);
    this.#gauge('alarms_behind', '1 while readings wait to be judged for alarms.', [], () => [
      [{}, Number(alarms.isBehind())],
    ]);
    this.#counter('alarms_left_out_total', 'What alarms could not use, and left out.', ['what'], () =>
      Object.entries(alarms.leftOut()).map(([what, count]) => [{ what }, count] as const),
    );
    const perChannel = (value: (channel: AlarmChannelView) => number): Samples =>
      alarms.channels().map((channel) => [{ channel: channel.channel }, value(channel)]);
    this.#gauge('alarm_messages_owed', 'Messages that wait for a channel of alarms.', ['channel'], () =>
      perChannel(({ owed }) => owed),
    );
    this.#counter('alarm_messages_total', 'Messages about alarms.', ['channel', 'result'], () =>
      alarms
        .channels()
        .flatMap(({ channel, sent, failed, dropped }) =>
          Object.entries({ sent, failed, dropped }).map(
            ([result, count]) => [{ channel, result }, count] as const,
          ),
        ),
    );
    this.#gauge('viewers', 'Connected viewers.', [], () => [[{}, viewers()]]);
  }

  #counter(name: string, help: string, labelNames: string[], read: () => Samples): void {
    new Counter({
      name: `fieldline_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    });
  }

  #gauge(name: string, help: string, labelNames: string[], read: () => Samples): void {
    new Gauge({
      name: `fieldline_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.set(labels, value);
      },
    });
  }
}
