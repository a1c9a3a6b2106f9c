import type { Reading } from '@fieldline/journal';
import { type Topics, topics as topicsUnder } from '@fieldline/protocol';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Access } from '../access/access.js';
import type { ApiTokens } from '../access/api-tokens.js';
import type { DeviceTokens } from '../access/device-tokens.js';
import type { RepeatedDeeds } from '../access/repeated-deeds.js';
import type { Commands } from '../commands/commands.js';
import type { Ledger } from '../commands/ledger.js';
import type { Config } from '../config.js';
import type { DeviceAccess } from '../devices/access.js';
import type { Attempts } from '../devices/attempts.js';
import type { Configs } from '../devices/configs.js';
import type { Device } from '../devices/device.js';
import type { Devices } from '../devices/devices.js';
import type { Presence } from '../devices/presence.js';
import type { SessionContext } from '../devices/session-context.js';
import type { Submit } from '../ingest/submit.js';
import type { Counters } from '../ops/counters.js';
import { MqttSink } from '../sinks/mqtt/mqtt-sink.js';
import type { Sink } from '../sinks/sink.js';
import type { Certificate } from '../tls/certificate.js';
import { EmbeddedBroker } from './broker/embedded-broker.js';
import { ExternalBroker } from './client/external-broker.js';
import { Complaints } from './complaints.js';
import { ConfigPublisher } from './config-publisher.js';
import { DownAcks } from './down-acks.js';
import { Down } from './down-link.js';
import { DownLinks } from './down-links.js';
import { type AnnouncementStore, HomeAssistantDiscovery } from './home-assistant/discovery.js';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';
import { Requests } from './requests.js';
import { Responses } from './responses.js';
import { ResultPublisher } from './result-publisher.js';
import { RetainedTopics } from './retained-topics.js';
import { StatePublisher } from './state-publisher.js';
import { StatusPublisher } from './status-publisher.js';
import type { Intakes, MqttBroker } from './transport.js';
import { UpInbox } from './up-inbox.js';

export interface OpenMqttOptions {
  readonly config: Config;
  readonly log: FastifyBaseLogger;
  readonly devices: Devices;
  readonly presence: Presence;
  readonly counters: Counters;
  readonly access: Access;
  readonly apiTokens: ApiTokens;
  readonly deviceAccess: DeviceAccess;
  readonly attempts: Attempts;
  /** For the audit of what anybody can repeat. */
  readonly repeated: RepeatedDeeds;
  readonly deviceTokens: DeviceTokens;
  readonly submit: Submit;
  /** What device sockets share; what devices say over MQTT goes the same ways. */
  readonly context: SessionContext;
  readonly commands: Commands;
  readonly configs: Configs;
  readonly ledger: Ledger;
  /** What Home Assistant was told (state/announced-devices.ts). */
  readonly announced: AnnouncementStore;
  /** With it the embedded broker speaks TLS. */
  readonly certificate: Certificate | null;
  /** When and from where a device was there is kept over a restart. */
  readonly touch: (device: Device) => void;
  /** The hub's version. */
  readonly version: string;
  readonly now: () => number;
}

export interface OpenMqtt {
  /** Named `mqtt`; telemetry goes out through it. Opening it opens everything but the doors. */
  readonly sink: Sink;
  /** Why the broker cannot be reached, also while there is nothing to send; null when it can. */
  readonly error: string | null;
  /** Where the embedded broker listens over TCP; null where it does not. */
  readonly port: number | null;
  /** Publishes an alarm of a device; resolves once the broker has it. @throws SinkError */
  publishAlarm(device: string, payload: string): Promise<void>;
  /** Takes durable readings, which their devices know already, for the merged state. */
  take(readings: readonly Reading[]): void;
  /** Opens the doors: ingest, and the embedded broker's port and WebSocket. Before the HTTP server listens. */
  start(server: FastifyInstance): Promise<void>;
  /** Takes no more telemetry; before the last commit. */
  stopIngest(): Promise<void>;
  /** Says goodbye and disconnects; after the sink was closed. */
  close(): Promise<void>;
}

/** How long the last words may take: that the hub and its devices are offline. */
const GOODBYE_MS = 1_000;

/** MQTT as the configuration wants it; null with neither an external nor the embedded broker. */
export function openMqtt(options: OpenMqttOptions): OpenMqtt | null {
  const { config, log, devices, presence, now, announced, version } = options;
  if (config.mqtt.url === null && !config.mqtt.embedded) return null;
  const topics = topicsUnder(config.mqtt.prefix);
  const { context, commands, configs, ledger, counters } = options;
  const maxBytes = config.device.frameBytes;
  // Made before those whom it brings messages, since they answer through it.
  const broker = makeBroker(options, topics, {
    take: (device, payload, signal) => inbox.take(device, payload, signal),
    takeUp: (device, payload, sender) => upInbox.take(device, payload, sender),
    takeRequest: (request) => requests.take(request),
  });
  const outbox = new Outbox(broker, counters.mqttOutbox);
  const down = new Down({ outbox, topics, live: context.live, now });
  const links = new DownLinks(context);
  const complaints = new Complaints(down, links);
  const { refuseFrame } = context;
  const inbox = new Inbox({
    ...options,
    ...{ refuseFrame, complaints, maxBytes, live: context.live, counters: counters.mqttIngest },
    acks: new DownAcks(links, context.ingest),
  });
  const upInbox = new UpInbox({ context, devices, inbox, down, links, complaints });
  const responses = new Responses({ outbox, ledger });
  const requests = new Requests({
    ...{ topics, commands, configs, responses, maxBytes, log, now },
    counters: counters.mqttRequests,
  });
  const results = new ResultPublisher({ outbox, ledger, topics });
  const retained = new RetainedTopics(broker);
  const state = new StatePublisher({ transport: broker, retained, devices, topics });
  const status = new StatusPublisher({ transport: broker, retained, devices, presence, topics, now });
  const discovery = new HomeAssistantDiscovery({
    ...{ transport: broker, devices, announced, config, topics, log, version },
  });
  const reported = new ConfigPublisher({ transport: broker, retained, devices, configs, topics });
  devices.onAdded((device) => status.say(device));
  devices.onRetyped((device) => state.retyped(device));
  devices.onBarred((device, reason) => {
    links.bar(device);
    if (reason !== 'deleted') return;
    state.forget(device.id);
    status.forget(device.id);
    reported.forget(device.id);
  });

  let opening: Promise<void> | undefined;
  const open = (): Promise<void> => {
    opening ??= openAll();
    return opening;
  };
  async function openAll(): Promise<void> {
    // All of them listen before the first connect.
    retained.open();
    status.open();
    state.open();
    discovery.open();
    reported.open();
    responses.open();
    results.open();
    await broker.open();
  }

  return {
    sink: new MqttSink(broker, topics, open, config.mqtt.savedAfterMs),
    get error() {
      return broker.error;
    },
    get port() {
      return broker instanceof EmbeddedBroker ? broker.tcpPort : null;
    },
    publishAlarm: (device, payload) =>
      broker.publish(topics.alarm(device), payload, { qos: 1, retain: false }),
    take: (readings) => state.take(readings),
    start: async (server) => {
      await open();
      await broker.start(server);
    },
    stopIngest: async () => {
      inbox.stop();
      upInbox.stop();
      await broker.stopIngest();
      links.close();
    },
    close: async () => {
      if (opening === undefined) return;
      state.close();
      await discovery.close();
      status.close();
      reported.close();
      responses.close();
      results.close();
      if (broker.isConnected) await retained.settle(GOODBYE_MS);
      retained.close();
      await broker.close();
    },
  };
}

function makeBroker(options: OpenMqttOptions, topics: Topics, intakes: Intakes): MqttBroker {
  if (options.config.mqtt.url === null) return new EmbeddedBroker({ ...options, ...intakes, topics });
  return new ExternalBroker({ ...options, ...intakes, topics, counters: options.counters.mqttIngest });
}
