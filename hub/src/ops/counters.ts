import type { IngestCounters } from '../mqtt/ingest-counters.js';
import type { OutboxCounters } from '../mqtt/outbox.js';
import type { RequestCounters } from '../mqtt/requests.js';

/** How a message reached the hub. */
export type Source = 'ws' | 'http' | 'mqtt';

/**
 * What the hub counts on its hot path: plain numbers, read by ops/metrics.ts when somebody scrapes.
 * (A labelled counter of a metrics library costs more than decoding the message.)
 */
export class Counters {
  readonly messages: Record<Source, number> = { ws: 0, http: 0, mqtt: 0 };
  readings = 0;
  duplicates = 0;
  /** Numbers missing between messages of one boot, when first noticed. */
  gaps = 0;
  /** Readings whose time was repaired. */
  clockRepairs = 0;
  /** Values refused, by code of protocol §1.2. */
  readonly rejects = new Map<string, number>();
  /** Best-effort messages that were dropped because their device sent too fast, or the hub was overloaded. */
  bestEffortDropped = 0;
  /** Updates that a slow viewer did not get. */
  liveDropped = 0;
  /** Viewers that there was no room for: in all, or of one user or token. */
  readonly viewersRefused = { hub: 0, principal: 0 };
  /** Messages that sessions of the embedded MQTT broker had to drop. */
  mqttDropped = 0;
  /** Clients of the embedded MQTT broker that were cut off because they did not read. */
  mqttSlowClients = 0;
  /** Publications and subscriptions that the embedded MQTT broker refused or ignored. */
  mqttRefused = 0;
  /** What came in over MQTT as telemetry and was neither stored nor put into the quarantine. */
  readonly mqttIngest: IngestCounters = { refused: 0, retained: 0, badTopics: 0, dropped: 0 };
  /** Commands and configurations that came in over MQTT. */
  readonly mqttRequests: RequestCounters = { taken: 0, refused: 0, retained: 0, badResponseTopics: 0 };
  /** What did not go out over MQTT because it would have been too late. */
  readonly mqttOutbox: OutboxCounters = { skipped: 0 };
  /** Refused log-ins of devices. */
  authenticationFailures = 0;
  /** Upgrades of device sockets that were refused, by code. */
  readonly upgradesRefused = new Map<string, number>();
  /** Upgrades of device sockets that gave up while many waited for their turn. */
  upgradesAbandoned = 0;
  /** Refused attempts to be a device that are no longer told of, because there were too many. */
  attemptsForgotten = 0;
  /** Refused log-ins of people. */
  logInFailures = 0;

  refuseUpgrade(code: string): void {
    this.upgradesRefused.set(code, (this.upgradesRefused.get(code) ?? 0) + 1);
  }

  reject(code: string, count = 1): void {
    this.rejects.set(code, (this.rejects.get(code) ?? 0) + count);
  }
}
