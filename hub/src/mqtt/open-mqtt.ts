import type { Reading } from '@fieldline/journal';
import { type Topics, topics as topicsUnder } from '@fieldline/protocol';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Access } from '../access/access.js';
import type { ApiTokens } from '../access/api-tokens.js';
import type { DeviceTokens } from '../access/device-tokens.js';
import type { Config } from '../config.js';
import type { DeviceAccess } from '../devices/access.js';
import type { Device } from '../devices/device.js';
import type { Devices } from '../devices/devices.js';
import type { Presence } from '../devices/presence.js';
import type { SessionContext } from '../devices/session-context.js';
import type { Counters } from '../ops/counters.js';
import { MqttSink } from '../sinks/mqtt/mqtt-sink.js';
import type { Sink } from '../sinks/sink.js';
import { EmbeddedBroker } from './broker/embedded-broker.js';
import { ExternalBroker } from './client/external-broker.js';
import { type AnnouncementStore, HomeAssistantDiscovery } from './home-assistant/discovery.js';
import { Inbox } from './inbox.js';
import { RetainedTopics } from './retained-topics.js';
import { StatePublisher } from './state-publisher.js';
import { StatusPublisher } from './status-publisher.js';
import type { MqttBroker, TakeIngest } from './transport.js';

export interface OpenMqttOptions {
  readonly config: Config;
  readonly log: FastifyBaseLogger;
  readonly devices: Devices;
  readonly presence: Presence;
  readonly counters: Counters;
  readonly access: Access;
  readonly apiTokens: ApiTokens;
  readonly deviceAccess: DeviceAccess;
  readonly deviceTokens: DeviceTokens;
  readonly submit: { submit(id: string, messages: readonly unknown[], source: 'mqtt'): Promise<unknown> };
  readonly refuseFrame: SessionContext['refuseFrame'];
  /** What Home Assistant was told (state/announced-devices.ts). */
  readonly announced: AnnouncementStore;
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
  const { mqttIngest } = options.counters;
  const inbox = new Inbox({ ...options, maxBytes: config.device.frameBytes, counters: mqttIngest });
  const broker = makeBroker(options, topics, inbox.take);
  const retained = new RetainedTopics(broker);
  const state = new StatePublisher({ transport: broker, retained, devices, topics });
  const status = new StatusPublisher({ transport: broker, retained, devices, presence, topics, now });
  const discovery = new HomeAssistantDiscovery({
    ...{ transport: broker, devices, announced, config, topics, log, version },
  });
  devices.onAdded((device) => status.say(device));
  devices.onBarred((device, reason) => {
    if (reason !== 'deleted') return;
    state.forget(device.id);
    status.forget(device.id);
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
    await broker.open();
  }

  return {
    sink: new MqttSink(broker, topics, open),
    get error() {
      return broker.error;
    },
    take: (readings) => state.take(readings),
    start: async (server) => {
      await open();
      await broker.start(server);
    },
    stopIngest: async () => {
      inbox.stop();
      await broker.stopIngest();
    },
    close: async () => {
      if (opening === undefined) return;
      state.close();
      await discovery.close();
      status.close();
      if (broker.isConnected) await retained.settle(GOODBYE_MS);
      retained.close();
      await broker.close();
    },
  };
}

function makeBroker(options: OpenMqttOptions, topics: Topics, take: TakeIngest): MqttBroker {
  if (options.config.mqtt.url === null) return new EmbeddedBroker({ ...options, topics, take });
  return new ExternalBroker({ ...options, topics, take, counters: options.counters.mqttIngest });
}
