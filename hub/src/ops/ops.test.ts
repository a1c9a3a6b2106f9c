import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OpenApi, openApi } from '../api/api.fixture.js';
import { call } from '../api/described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => api.reset());

const SINK = {
  state: 'retrying',
  lag: 12,
  oldest: 5,
  written: 100,
  skipped: 1,
  errors: { network: 3 },
} as const;

describe('/healthz', () => {
  it('tells anybody that the process is alive', async () => {
    expect((await call(api.app, { url: '/healthz' })).json()).toEqual({ status: 'ok' });
  });
});

describe('/readyz', () => {
  it('is ready while telemetry can be stored, whatever the sinks do', async () => {
    api.outside.sinkStates.duckdb = { ...SINK, error: 'refused' };
    const answer = await call(api.app, { url: '/readyz' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      status: 'ready',
      journal: { bytes: 1_000, maxBytes: 10_000, segments: 1, damaged: 0, trouble: null },
      sinks: {
        duckdb: { state: 'retrying', lag: 12, oldest: 5, written: 100, skipped: 1, error: 'refused' },
      },
    });
  });

  it('is not when nothing can be stored', async () => {
    api.outside.trouble = 'journal_full';
    const answer = await call(api.app, { url: '/readyz' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ status: 'unavailable', journal: { trouble: 'journal_full' } });
  });
});

describe('/metrics', () => {
  const scrape = async () => {
    const answer = await call(api.app, { url: '/metrics', headers: api.as('viewer') });
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    return answer.body.split('\n');
  };

  it('have the names of the contract, and what was counted', async () => {
    const { counters } = api;
    counters.messages.ws = 7;
    counters.messages.http = 2;
    counters.readings = 20;
    counters.duplicates = 3;
    counters.liveDropped = 4;
    counters.viewersRefused.principal = 6;
    counters.refuseUpgrade('too_many_upgrades');
    counters.upgradesAbandoned = 8;
    counters.reject('type_conflict', 5);
    api.outside.sinkStates.duckdb = SINK;
    api.outside.sinkStates.mqtt = { ...SINK, lag: 0, oldest: null };
    api.registry.create({ id: 'a-1' });
    api.metrics.observeSync(0.0004);
    const expected = [
      'fieldline_messages_total{source="ws"} 7',
      'fieldline_messages_total{source="http"} 2',
      'fieldline_messages_total{source="mqtt"} 0',
      'fieldline_readings_total 20',
      'fieldline_rejects_total{code="type_conflict"} 5',
      'fieldline_duplicates_total 3',
      'fieldline_live_dropped_total 4',
      'fieldline_viewers_refused_total{limit="hub"} 0',
      'fieldline_viewers_refused_total{limit="principal"} 6',
      'fieldline_upgrades_refused_total{code="too_many_upgrades"} 1',
      'fieldline_upgrades_abandoned_total 8',
      'fieldline_commands_total{state="timed_out"} 0',
      'fieldline_journal_sync_seconds_bucket{le="0.00025"} 0',
      'fieldline_journal_sync_seconds_bucket{le="0.0005"} 1',
      'fieldline_journal_sync_seconds_count 1',
      'fieldline_journal_bytes 1000',
      'fieldline_journal_max_bytes 10000',
      'fieldline_journal_trouble 0',
      'fieldline_sink_oldest_seconds{sink="mqtt"} 0',
      'fieldline_sink_lag_readings{sink="duckdb"} 12',
      'fieldline_sink_written_total{sink="duckdb"} 100',
      'fieldline_sink_skipped_total{sink="duckdb"} 1',
      'fieldline_sink_errors_total{sink="duckdb",kind="network"} 3',
      'fieldline_devices{state="online"} 0',
      'fieldline_devices{state="sleeping"} 0',
      'fieldline_devices{state="offline"} 1',
      'fieldline_devices_stale 0',
      'fieldline_devices_flapping 0',
      'fieldline_viewers 0',
    ];
    // Twice: what is counted elsewhere is told, not added up.
    expect(await scrape()).toEqual(expect.arrayContaining(expected));
    expect(await scrape()).toEqual(expect.arrayContaining(expected));
  });

  it('tell how old the oldest reading is that a sink has not got, and of trouble with the journal', async () => {
    api.outside.sinkStates.duckdb = { ...SINK, oldest: Date.now() - 60_000 };
    api.outside.trouble = 'journal_full';
    const lines = await scrape();
    const age = lines.find((line) => line.startsWith('fieldline_sink_oldest_seconds{sink="duckdb"}'));
    expect(Number(age?.split(' ')[1])).toBeCloseTo(60, -1);
    expect(lines).toContain('fieldline_journal_trouble 1');
  });

  it('tell what was not taken over MQTT, or did not go out', async () => {
    const { counters } = api;
    counters.mqttDropped = 2;
    counters.mqttSlowClients = 3;
    counters.mqttRefused = 4;
    Object.assign(counters.mqttIngest, { refused: 5, retained: 6, badTopics: 7, dropped: 8 });
    Object.assign(counters.mqttRequests, { taken: 9, refused: 10, retained: 11, badResponseTopics: 12 });
    counters.mqttOutbox.skipped = 13;
    expect(await scrape()).toEqual(
      expect.arrayContaining([
        'fieldline_mqtt_dropped_total 2',
        'fieldline_mqtt_slow_clients_total 3',
        'fieldline_mqtt_refused_total 4',
        'fieldline_mqtt_ingest_ignored_total{reason="refused"} 5',
        'fieldline_mqtt_ingest_ignored_total{reason="retained"} 6',
        'fieldline_mqtt_ingest_ignored_total{reason="bad_topic"} 7',
        'fieldline_mqtt_ingest_ignored_total{reason="dropped"} 8',
        'fieldline_mqtt_requests_total{result="taken"} 9',
        'fieldline_mqtt_requests_total{result="refused"} 10',
        'fieldline_mqtt_requests_total{result="retained"} 11',
        'fieldline_mqtt_requests_total{result="bad_response_topic"} 12',
        'fieldline_mqtt_skipped_total 13',
      ]),
    );
  });

  it('tell of the process too', async () => {
    const names = (await scrape()).join('\n');
    expect(names).toContain('process_resident_memory_bytes');
    expect(names).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('are for everybody only where the configuration says so', async () => {
    expect((await call(api.app, { url: '/metrics' })).statusCode).toBe(401);
    const open = await openApi({ FIELDLINE_METRICS_PUBLIC: 'true' });
    expect((await call(open.app, { url: '/metrics' })).statusCode).toBe(200);
    await open.close();
  });
});
