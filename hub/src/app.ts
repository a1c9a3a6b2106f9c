import type { FastifyBaseLogger } from 'fastify';
import { openAccess } from './access/open-access.js';
import { Alarms } from './alarms/alarms.js';
import { openAlarms } from './alarms/open-alarms.js';
import { findPage } from './api/page.js';
import { buildServer } from './api/server.js';
import { Backups } from './backup/backup.js';
import { Closers } from './closers.js';
import { viewCommand } from './commands/command.js';
import { openCommands } from './commands/open-commands.js';
import { type Config, configYaml } from './config.js';
import { DeviceAccess } from './devices/access.js';
import { Attempts } from './devices/attempts.js';
import { ConnectionLog } from './devices/connection-log.js';
import { Devices } from './devices/devices.js';
import { FlappingLog } from './devices/flapping-log.js';
import { openSessions } from './devices/open-sessions.js';
import { Presence } from './devices/presence.js';
import { Retyping } from './devices/retyping.js';
import { deviceRoute } from './devices/route.js';
import { Snapshots } from './devices/snapshots.js';
import { openHistory } from './history/open-history.js';
import { openIntake } from './ingest/open-intake.js';
import { listen } from './listen.js';
import { openBoardLinks } from './live/grafana/board-links.js';
import { GrafanaLive } from './live/grafana/grafana-live.js';
import { Live } from './live/live.js';
import { type OpenMqtt, openMqtt } from './mqtt/open-mqtt.js';
import { Counters } from './ops/counters.js';
import type { InfluxReport } from './ops/influx-report/influx-report.js';
import { openInfluxReport } from './ops/influx-report/open-influx-report.js';
import { Metrics } from './ops/metrics.js';
import { SystemSamples } from './ops/system-samples.js';
import { openProfiles } from './profiles.js';
import { Pump } from './sinks/pump.js';
import { Pumps } from './sinks/pumps.js';
import { AnnouncedDevices } from './state/announced-devices.js';
import { Audit } from './state/audit.js';
import { DeviceConnections } from './state/device-connections.js';
import { DeviceLog } from './state/device-log.js';
import { DeviceSnapshots } from './state/device-snapshots.js';
import { MetricTypes } from './state/metric-types.js';
import { Quarantine } from './state/quarantine.js';
import { RetypedMetricStore } from './state/retyped-metrics.js';
import { openStorage } from './storage.js';
import { openCertificate } from './tls/certificate.js';
import { hubVersion } from './version.js';

/** A running hub. */
export interface Hub {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** A link that logs a browser in, once, within ten minutes. */
  createLoginLink(): string;
  /** The admin token in force. A secret: it belongs into no log. */
  readonly adminToken: string;
  /** The admin token, when this start has made it: to be shown once. */
  readonly newAdminToken: { readonly token: string; readonly path: string } | null;
  /** Flushes everything that was received, says goodbye to devices, and closes. */
  close(): Promise<void>;
}

/** How long a read waits for what was just acked to arrive in the history. */
const SETTLE_MS = 1_000;
/** How far MQTT may lag before its oldest readings are skipped, beside a quarter of the journal (protocol §3). */
const MQTT_CAP_MS = 86_400_000;
/** The client connects by itself and knows whether it is connected: asking it again costs nothing. */
const MQTT_RETRY = { minMs: 100, maxMs: 2_000 } as const;
/** Shares of the 10 s that a stop may take. */
const STOP = { ingestMs: 500, commitMs: 2_500, serverMs: 1_000, sinkMs: 3_000 } as const;

/**
 * Builds the hub and starts it: every part is made and wired here, in the order of the data's way, and closed
 * in reverse. Sinks open before sockets, and close after them.
 * @param configFile where the configuration came from, beside the environment: it goes into backups
 * @throws FieldlineError and others that say what is wrong with the data directory, a profile, or the address
 */
export async function startHub(
  config: Config,
  log: FastifyBaseLogger,
  configFile: string | null = null,
): Promise<Hub> {
  const closers = new Closers();
  try {
    return await assemble(config, log, closers, configFile);
  } catch (error) {
    // A file that stays open, or a worker that runs, would keep the process from ending.
    await closers.close();
    throw error;
  }
}

async function assemble(
  config: Config,
  log: FastifyBaseLogger,
  closers: Closers,
  configFile: string | null,
): Promise<Hub> {
  const now = Date.now;
  const counters = new Counters();
  const metrics = new Metrics();
  const profiles = await openProfiles(config.profiles, log);
  const certificate = await openCertificate(config.tls, log);
  closers.add(() => certificate?.close());

  // What lasts.
  const storage = await openStorage(config, log, (ms) => metrics.observeSync(ms / 1000));
  const { state, journal } = storage;
  closers.add(() => state.close());
  closers.add(() => journal.close());
  const quarantine = new Quarantine(state);
  const deviceLog = new DeviceLog(state);
  const deviceConnections = new DeviceConnections(state);
  const connectionLog = new ConnectionLog({ store: deviceConnections, log, now });
  closers.add(() => connectionLog.close());
  const metricTypes = new MetricTypes(state);
  const audit = new Audit(state);
  const admitted = openAccess(state, storage.directory, config.adminToken, {
    audit,
    counters,
    session: config.session,
  });
  const { registry, deviceTokens, access, deviceAttempts } = admitted;
  closers.add(() => admitted.close());
  const retyping = new Retyping({ state, store: new RetypedMetricStore(state), audit, profiles, now });
  retyping.open();
  const devices = new Devices({ registry, profiles, types: metricTypes.all(), retyping, now });
  devices.open();
  const presence = new Presence(now, {
    touch: (device) => snapshots.touch(device),
    onFlapping: (change) => flappingLog.add(change),
    onReboot: (device, boot) => {
      connectionLog.rebooted(device, boot);
      report?.reboot(device, boot);
    },
  });
  const snapshots = new Snapshots({ store: new DeviceSnapshots(state), devices, journal, log });

  // Where readings go.
  const {
    sink,
    history,
    embedded,
    close: closeHistory,
  } = await openHistory({ config, storage, devices, profiles, log });
  closers.add(closeHistory);
  let mqtt: OpenMqtt | null = null;
  let report: InfluxReport | null = null;
  closers.add(async () => mqtt?.close());
  const pumps = new Pumps();
  closers.add(() => pumps.close(STOP.sinkMs));
  const pump = new Pump({ sink, journal, quarantine, counters, log });
  await snapshots.open();
  closers.add(() => snapshots.close());
  await pumps.open(pump);
  const live = new Live({
    directory: devices,
    counters,
    log,
    limits: config.live,
  });
  const { url: grafanaUrl, ...grafanaLive } = config.grafana.live;
  const grafana =
    grafanaUrl === null ? null : new GrafanaLive({ url: grafanaUrl, ...grafanaLive, devices, log });
  grafana?.open();
  closers.add(() => grafana?.close());
  const operations = openCommands({ state, audit, devices, givers: admitted.givers, log, now });
  const { ledger, commandStore, commands, jobs, configs } = operations;
  closers.add(() => operations.close());
  const alarms = await openAlarms({
    ...{ config, state, audit, devices, profiles, journal, log, now },
    publish: async (device, payload) => {
      if (mqtt === null) throw new Error('MQTT is not there yet');
      await mqtt.publishAlarm(device, payload);
    },
  });
  closers.add(() => alarms.close());
  closers.add(() => alarms.closeChannels());
  alarms.alarms.onChange(({ alarm }) => live.alarm(alarm));
  ledger.onChange((command) => live.command(viewCommand(command)));
  presence.onChange(({ device, ...change }) => live.status({ device: device.id, ...change }));
  presence.onChange((change) => connectionLog.changed(change));
  alarms.alarms.onChange((change) => report?.alarm(change));
  ledger.onChange((command) => report?.command(command));
  presence.onChange((change) => report?.presence(change));
  presence.open(devices.all());
  closers.add(() => presence.close());

  // Where they come from: message → batch → sync → ack.
  const intake = openIntake({
    ...{ config, log, journal, devices, metricTypes, quarantine, deviceLog, counters, now },
    onDurable: (entry, readings) => {
      snapshots.take(entry, readings);
      alarms.alarms.take(entry, readings);
      commands.observe(readings);
      mqtt?.take(readings);
      connectionLog.take(readings);
      live.publish(readings);
      grafana?.take(readings);
    },
    onTrouble: () => sessions.tellWindow(),
  });
  const { commit, submit } = intake;
  closers.add(() => commit.close());
  const flappingLog = new FlappingLog({
    ...{ state, audit, log, now },
    note: (line) => {
      intake.note(line);
      live.log(line);
    },
  });
  closers.add(() => flappingLog.close());
  const { sessions, context } = openSessions({
    ...{ config, log, intake, devices, deviceTokens, presence, commands, configs, now },
    ...{ live, deviceLog, counters },
    canWrite: () => journal.stats().trouble === null && !commit.isInTrouble,
    repeated: admitted.repeated,
    touch: (device) => snapshots.touch(device),
  });
  devices.onBarred(({ id }, reason) => {
    if (reason === 'deleted') connectionLog.forget(id);
  });
  access.onRevoked((principal) => live.closePrincipal(principal));

  // The other way out, which is a way in as well.
  const attempts = new Attempts({ now, counters });
  const deviceAccess = new DeviceAccess({
    config,
    tokens: deviceTokens,
    attempts: deviceAttempts,
    devices,
    counters,
  });
  mqtt = openMqtt({
    ...{ config, log, devices, presence, counters, access, deviceAccess, deviceTokens, now },
    ...{ submit, context, commands, configs, ledger, certificate, attempts },
    apiTokens: admitted.apiTokens,
    repeated: admitted.repeated,
    announced: new AnnouncedDevices(state),
    touch: context.touch,
    version: hubVersion(),
  });
  if (mqtt !== null) {
    const cap = { ageMs: MQTT_CAP_MS, bytes: journal.stats().maxBytes / 4 };
    const parts = { sink: mqtt.sink, journal, quarantine, counters, log, cap };
    await pumps.open(new Pump({ ...parts, retry: MQTT_RETRY }));
  }
  journal.retain([...pumps.names, Snapshots.cursor, Alarms.cursor]);

  // The doors.
  const sinks = () => {
    const states = pumps.statuses();
    // A broker that is away is known before anything has to be written to it.
    if (states.mqtt?.state === 'running' && mqtt?.error) {
      states.mqtt = { ...states.mqtt, state: 'retrying', error: mqtt.error };
    }
    return states;
  };
  const viewers = () => live.viewers;
  metrics.open({
    ...{ counters, journal, sinks, directory: devices },
    commands: ledger.counts,
    ...{ viewers, alarms },
  });
  const samples = new SystemSamples({
    ...{ counters, sinks, viewers, log, now },
    syncs: () => metrics.syncs(),
  });
  samples.open();
  closers.add(() => samples.close());
  report = openInfluxReport(config, {
    ...{ counters, journal, sinks, directory: devices, viewers, alarms, devices, log, now },
    syncs: () => metrics.syncs(),
  });
  closers.add(() => report?.close());
  const backups = new Backups({
    ...{ state, journal, history: embedded, log, now },
    directory: storage.directory,
    settings: { profiles: config.profiles, configFile, effective: configYaml(config) },
  });
  closers.add(() => backups.close());
  // A reader sees what was acked of this device; those who read other devices do not wait.
  const settle = (id: string) => pump.settle(devices.get(id)?.lastOffset ?? 0, SETTLE_MS);
  let isStopping = false;
  const server = await buildServer({
    certificate,
    boardLink: await openBoardLinks(config.grafana.url, profiles),
    ...{ config, log, now, access, registry, deviceTokens, deviceAccess, profiles, history, settle },
    ...{ commands, commandStore, jobs, configs, retyping, alarms },
    ...{ audit, quarantine, deviceLog, deviceConnections, journal, sinks, live, metrics, counters },
    directory: devices,
    ...{ samples, viewers, backups, dataDirectory: storage.directory },
    ingest: submit,
    tickets: admitted.tickets,
    apiTokens: admitted.apiTokens,
    users: admitted.users,
    claims: admitted.claims,
    enrolments: admitted.enrolments,
    provisioning: admitted.provisioning,
    attempts,
    mqttPort: () => mqtt?.port ?? null,
    page: findPage(),
  });
  await server.register(deviceRoute, {
    access: deviceAccess,
    sessions,
    context,
    attempts,
    isStopping: () => isStopping,
  });
  closers.add(async () => {
    isStopping = true;
    jobs.stop();
    commands.stop();
    presence.stop();
    sessions.stopReading();
    await within(mqtt?.stopIngest() ?? Promise.resolve(), STOP.ingestMs);
    await within(commit.drain(), STOP.commitMs);
    sessions.close();
    await live.close();
    await within(server.close(), STOP.serverMs);
    sessions.cut();
  });
  sessions.start();
  await mqtt?.start(server);
  const url = await listen(server, config, certificate !== null);

  return {
    url,
    createLoginLink: () => `${url}/#/login?code=${access.createLoginLink().code}`,
    adminToken: admitted.adminToken,
    newAdminToken: admitted.newAdminToken,
    close: () => closers.close(),
  };
}

/** Waits for `work`, but not longer than `timeoutMs`. */
async function within(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
