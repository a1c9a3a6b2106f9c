import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type IngestAnswer,
  loadProfile,
  type Role,
  type SystemSample,
  type ValueType,
} from '@fieldline/protocol';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Access } from '../access/access.js';
import { ApiTokens } from '../access/api-tokens.js';
import { AttemptLimiter } from '../access/attempt-limiter.js';
import { Claims } from '../access/claims.js';
import { DeviceTokens } from '../access/device-tokens.js';
import { Givers } from '../access/givers.js';
import { LoginLinks } from '../access/login-links.js';
import { NameDelays } from '../access/name-delays.js';
import type { Principal } from '../access/principal.js';
import { Provisioning } from '../access/provisioning.js';
import { RepeatedDeeds } from '../access/repeated-deeds.js';
import { Sessions } from '../access/sessions.js';
import { Tickets } from '../access/tickets.js';
import { Users } from '../access/users.js';
import { openAlarms } from '../alarms/open-alarms.js';
import type { Commands } from '../commands/commands.js';
import { openCommands } from '../commands/open-commands.js';
import { loadConfig } from '../config.js';
import { DeviceAccess } from '../devices/access.js';
import { Attempts } from '../devices/attempts.js';
import type { Configs } from '../devices/configs.js';
import { Devices } from '../devices/devices.js';
import { Registry } from '../devices/registry.js';
import { Retyping } from '../devices/retyping.js';
import type { ExportQuery, ExportRow, History, HistoryAnswer, HistoryQuery } from '../history/history.js';
import type { RawEvent } from '../live/frames.js';
import { Counters } from '../ops/counters.js';
import { Metrics } from '../ops/metrics.js';
import type { SinkStatus } from '../sinks/sink.js';
import { Audit } from '../state/audit.js';
import { DeviceConnections } from '../state/device-connections.js';
import { DeviceLog } from '../state/device-log.js';
import { EnrolmentStore } from '../state/enrolments.js';
import { Quarantine } from '../state/quarantine.js';
import { RetypedMetricStore } from '../state/retyped-metrics.js';
import { StateFile } from '../state/state-file.js';
import { type ApiDeps, buildServer } from './server.js';

/** Now, for everything in these tests. */
export const NOW = 1_767_225_600_000;

export const ADMIN_TOKEN = 'fla_the-admin-token-of-these-tests';

const PROFILE = `
profile: env-sensor
metrics:
  temperature: { type: number, unit: Cel }
`;

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

const POINTS: HistoryAnswer = { interval: 60_000, points: [[NOW, 21.5, 21, 22, 3]], next: null };
const ANSWER: IngestAnswer = { accepted: 1, duplicates: 0, rejected: [] };

/** What is not stored in SQLite: small stand-ins that keep what they are asked, and answer what they are told. */
export class Outside {
  readonly queries: HistoryQuery[] = [];
  readonly exports: { query: ExportQuery; signal: AbortSignal | undefined }[] = [];
  readonly submitted: { device: string; messages: readonly unknown[] }[] = [];
  readonly attached: Principal[] = [];
  /** The device whose frames somebody watches, and what was shown of it. */
  watched: string | null = null;
  readonly shown: RawEvent[] = [];
  readonly sinkStates: Record<string, SinkStatus> = {};
  rows: Iterable<ExportRow> = [];
  readonly settled: string[] = [];
  readonly samples = { since: (_after: number): SystemSample[] => [] };
  trouble: 'journal_full' | null = null;
  points = POINTS;
  answer = ANSWER;
  /** Thrown by whatever is asked next. */
  failure: Error | null = null;

  readonly history: { -readonly [Name in keyof History]: History[Name] } = {
    query: async (query) => {
      this.fail();
      this.queries.push(query);
      return this.points;
    },
    export: (query, signal) => {
      this.exports.push({ query, signal });
      return this.export(signal);
    },
    bytes: () => 0,
  };

  readonly ingest = {
    submit: async (device: string, messages: readonly unknown[]): Promise<IngestAnswer> => {
      this.fail();
      this.submitted.push({ device, messages });
      return this.answer;
    },
  };

  backup(): Readable {
    this.fail();
    return Readable.from(['an archive'], { objectMode: false });
  }

  async *export(signal: AbortSignal | undefined): AsyncGenerator<ExportRow> {
    this.fail();
    for (const row of this.rows) {
      signal?.throwIfAborted();
      yield row;
    }
  }

  reset(): void {
    for (const list of [this.queries, this.exports, this.submitted, this.attached, this.settled, this.shown])
      list.length = 0;
    Object.assign(this, {
      rows: [],
      trouble: null,
      points: POINTS,
      answer: ANSWER,
      failure: null,
      watched: null,
    });
  }

  private fail(): void {
    if (this.failure !== null) throw this.failure;
  }
}

export interface OpenApi {
  readonly app: FastifyInstance;
  readonly outside: Outside;
  readonly registry: Registry;
  readonly devices: Devices;
  readonly deviceTokens: DeviceTokens;
  readonly attempts: Attempts;
  readonly access: Access;
  readonly commands: Commands;
  readonly configs: Configs;
  readonly audit: Audit;
  readonly quarantine: Quarantine;
  readonly deviceLog: DeviceLog;
  readonly deviceConnections: DeviceConnections;
  readonly counters: Counters;
  readonly metrics: Metrics;
  readonly logLines: readonly string[];
  /** An `Authorization` header with a token of this role. */
  as(role: Role): { authorization: string };
  /** Gives a device of the registry a first value of a metric. */
  seen(device: string, metric: string, value: number | boolean | string): void;
  /** Forgets all devices and what the stand-ins were asked and told, for the next test on the same server. */
  reset(): void;
  /** Listens on a free port of loopback and returns its address, such as `http://127.0.0.1:40001`. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

/**
 * The server over the real registry, tokens, log-ins, quarantine and log, with stand-ins for the rest.
 * @param env configuration, as in the environment
 */
export async function openApi(
  env: Record<string, string> = {},
  changes: Partial<ApiDeps> = {},
): Promise<OpenApi> {
  const data = mkdtempSync(join(tmpdir(), 'fieldline-api-'));
  const state = StateFile.open(join(data, 'state.sqlite'));
  const now = () => NOW;
  const config = loadConfig(env);
  const outside = new Outside();
  const counters = new Counters();
  const metrics = new Metrics();
  const profiles = new Map([['env-sensor', loadProfile(PROFILE, 'env-sensor.yaml')]]);
  const registry = Registry.open(state, { now });
  const audit = new Audit(state);
  const retyping = new Retyping({ state, store: new RetypedMetricStore(state), audit, profiles, now });
  const devices = new Devices({ registry, profiles, types: [], retyping, now });
  const deviceTokens = DeviceTokens.open(state, registry, { now });
  const apiTokens = ApiTokens.open(state, { now });
  const users = Users.open(state, { now, cost: { logN: 4, r: 1, p: 1 } });
  const sessions = Sessions.open(state, { now });
  const tickets = new Tickets({ now });
  const attempts = new AttemptLimiter({ failures: 10, now });
  const failures = new RepeatedDeeds({ audit, now });
  const access = new Access({
    ...{ apiTokens, users, sessions, tickets, attempts, audit, failures, now },
    loginLinks: new LoginLinks({ now }),
    delays: new NameDelays({ now }),
  });
  const claims = Claims.open(state, { now });
  const enrolments = new EnrolmentStore(state);
  const provisioning = new Provisioning({
    ...{ state, claims, enrolments, registry, deviceTokens, audit, repeated: failures, now },
    attempts: new AttemptLimiter({ failures: 10, now }),
  });
  const refused = new Attempts({ now });
  const quarantine = new Quarantine(state);
  const { ledger, commandStore, commands, jobs, configs } = openCommands({
    ...{ state, audit, devices, now },
    givers: new Givers({ apiTokens, users }),
    log: pino({ enabled: false }),
  });
  const deviceLog = new DeviceLog(state);
  const deviceConnections = new DeviceConnections(state);
  const logLines: string[] = [];
  apiTokens.setAdminToken(ADMIN_TOKEN);
  devices.open();
  access.open();

  const alarms = await openAlarms({
    ...{ config, state, audit, devices, profiles, now },
    journal: {
      ...{ id: 'a-journal', head: 0, stats: () => journalStats(null), attach: () => 0, cursor: () => 0 },
      ...{ commit: () => undefined, read: async () => [] },
    },
    log: pino({ enabled: false }),
    publish: async () => undefined,
  });

  const app = await buildServer({
    config,
    log: pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) }),
    page: null,
    certificate: null,
    now,
    access,
    tickets,
    apiTokens,
    users,
    claims,
    enrolments,
    provisioning,
    attempts: refused,
    mqttPort: () => 1883,
    registry,
    directory: devices,
    deviceTokens,
    deviceAccess: new DeviceAccess({
      config,
      tokens: deviceTokens,
      attempts: new AttemptLimiter({ failures: 10, now }),
      devices,
      counters,
    }),
    profiles,
    retyping,
    history: outside.history,
    settle: async (device) => outside.settled.push(device),
    ingest: outside.ingest,
    commands,
    commandStore,
    alarms,
    jobs,
    configs,
    audit,
    quarantine,
    deviceLog,
    deviceConnections,
    boardLink: (device, profile) => `http://g:3000/d/${profile}?var-device=${device}`,
    live: {
      wantsRaw: (device) => outside.watched === device,
      raw: (event) => void outside.shown.push(event),
      attach: (socket, principal) => {
        outside.attached.push(principal);
        socket.send(JSON.stringify({ hello: principal.name }));
      },
    },
    metrics,
    counters,
    samples: outside.samples,
    viewers: () => outside.attached.length,
    backups: { start: async (onEnd) => outside.backup().once('close', () => onEnd(null)) },
    dataDirectory: data,
    ...changes,
    journal: { stats: () => journalStats(outside.trouble) },
    sinks: () => outside.sinkStates,
  });
  metrics.open({
    counters,
    journal: { stats: () => journalStats(outside.trouble) },
    sinks: () => outside.sinkStates,
    directory: devices,
    commands: ledger.counts,
    viewers: () => outside.attached.length,
    alarms,
  });

  return {
    app,
    outside,
    registry,
    devices,
    deviceTokens,
    attempts: refused,
    access,
    commands,
    configs,
    audit,
    quarantine,
    deviceLog,
    deviceConnections,
    counters,
    metrics,
    logLines,
    as: (role) =>
      bearer(role === 'admin' ? ADMIN_TOKEN : apiTokens.create({ name: `a ${role}`, role }).token),
    seen: (id, name, value) => {
      const type = typeof value as ValueType;
      const device = devices.get(id);
      if (device === undefined) throw new Error(`no device ${id}`);
      if (device.metrics.get(name)?.type !== type) device.addMetric(name, type, NOW);
      Object.assign(device.metrics.get(name) ?? {}, { latestTime: NOW * 1_000, latestValue: value });
    },
    reset: () => {
      outside.reset();
      for (const { id } of [...registry.all()]) registry.delete(id);
    },
    listen: async () => {
      await app.listen({ host: '127.0.0.1', port: 0 });
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    },
    close: async () => {
      await app.close();
      await alarms.closeChannels();
      alarms.close();
      jobs.close();
      commands.close();
      for (const part of [access, sessions, apiTokens, deviceTokens]) part.close();
      state.close();
      rmSync(data, { recursive: true });
    },
  };
}

function journalStats(trouble: 'journal_full' | null) {
  return {
    bytes: 1_000,
    maxBytes: 10_000,
    segments: 1,
    head: 7,
    damaged: 0,
    tornBytes: 0,
    trouble,
    oldest: {},
    skipped: {},
  };
}
