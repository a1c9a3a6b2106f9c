import type { Reading } from '@fieldline/journal';
import { type Topics, topics } from '@fieldline/protocol';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Access } from '../access/access.js';
import type { ApiTokens } from '../access/api-tokens.js';
import type { DeviceTokens } from '../access/device-tokens.js';
import type { Config } from '../config.js';
import type { DeviceAccess } from '../devices/access.js';
import type { Devices } from '../devices/devices.js';
import type { Presence } from '../devices/presence.js';
import type { SessionContext } from '../devices/session-context.js';
import type { Counters } from '../ops/counters.js';
import type { Sink } from '../sinks/sink.js';
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
  readonly now: () => number;
}

/** What a broker, external or embedded, is made of. */
export interface BrokerOptions extends Omit<OpenMqttOptions, 'submit' | 'refuseFrame'> {
  readonly topics: Topics;
  readonly take: TakeIngest;
}

export interface OpenMqtt {
  /** Named `mqtt`; telemetry goes out through it. */
  readonly sink: Sink;
  /** Takes durable readings for the devices' merged state. */
  take(readings: readonly Reading[]): void;
  /** Opens the doors: ingest, and the embedded broker's port and WebSocket. Before the HTTP server listens. */
  start(server: FastifyInstance): Promise<void>;
  /** Takes no more telemetry; before the last commit. */
  stopIngest(): Promise<void>;
  /** Says goodbye and disconnects; after the sink was closed. */
  close(): Promise<void>;
}

/** MQTT as the configuration wants it; null with neither an external nor the embedded broker. */
export function openMqtt(options: OpenMqttOptions): OpenMqtt | null {
  const { config } = options;
  if (config.mqtt.url === null && !config.mqtt.embedded) return null;
  void topics;
  void (0 as unknown as MqttBroker);
  throw new Error('not yet');
}
