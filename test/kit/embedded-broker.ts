import { Writable } from 'node:stream';
import { type AuditEntry, topics } from '@fieldline/protocol';
import { pino } from 'pino';
import { type OpenAccess, openAccess } from '../../hub/src/access/open-access.js';
import { type OpenApi, openApi } from '../../hub/src/api/api.fixture.js';
import { loadConfig } from '../../hub/src/config.js';
import { DeviceAccess } from '../../hub/src/devices/access.js';
import { Attempts } from '../../hub/src/devices/attempts.js';
import { Devices } from '../../hub/src/devices/devices.js';
import { Presence, type PresenceChange } from '../../hub/src/devices/presence.js';
import { EmbeddedBroker } from '../../hub/src/mqtt/broker/embedded-broker.js';
import type { IncomingRequest, UpSender } from '../../hub/src/mqtt/transport.js';
import { Counters } from '../../hub/src/ops/counters.js';
import { Audit } from '../../hub/src/state/audit.js';
import { entriesOf } from '../../hub/src/state/state.fixture.js';
import { StateFile } from '../../hub/src/state/state-file.js';
import type { Certificate } from '../../hub/src/tls/certificate.js';
import { tempDir } from './temp-dir.js';

/** Telemetry that the broker has handed over, and what becomes of it. */
export interface Taken {
  readonly device: string;
  readonly payload: string;
  /** It is on disk now. */
  readonly synced: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * The embedded broker over a real registry, tokens and server. Only the way of telemetry to the disk is the test's:
 * it is confirmed at once, or when the test says so.
 */
export class BrokerUnderTest {
  readonly counters = new Counters();
  readonly presence = new Presence(Date.now);
  /** What was refused to devices. */
  readonly attempts = new Attempts();
  readonly changes: PresenceChange[] = [];
  readonly taken: Taken[] = [];
  /** What devices said beside telemetry. */
  readonly ups: { device: string; payload: string; sender: UpSender }[] = [];
  readonly requests: IncomingRequest[] = [];
  /** Why requests cannot be taken; null when they can. */
  refusal: Error | null = null;
  readonly logLines: string[] = [];
  /** Devices of which something was noted that outlives the run. */
  readonly touched: string[] = [];
  /** Whether telemetry waits for the test to say that it is on disk. */
  holds = false;
  broker: EmbeddedBroker;
  readonly admitted: OpenAccess;
  readonly devices: Devices;
  readonly #api: OpenApi;
  readonly #audit: Audit;
  readonly #close: () => void;
  #url = '';
  #tokens = 0;
  readonly #onTaken = new Set<() => void>();

  private constructor(
    api: OpenApi,
    env: Record<string, string>,
    port: string,
    certificate: Certificate | null,
  ) {
    const directory = tempDir('mqtt');
    const state = StateFile.open(`${directory.path}/state.sqlite`);
    this.#api = api;
    this.#audit = new Audit(state);
    this.admitted = openAccess(state, directory.path, null, { audit: this.#audit });
    const { registry, deviceTokens, access, apiTokens, deviceAttempts: attempts } = this.admitted;
    this.devices = new Devices({ registry, profiles: new Map(), types: [], now: Date.now });
    this.devices.open();
    this.presence.onChange((change) => this.changes.push(change));
    const config = loadConfig({ ...env, FIELDLINE_MQTT_PORT: port });
    const { counters, devices, presence } = this;
    const write = (line: Buffer, _encoding: string, done: () => void) => {
      this.logLines.push(line.toString());
      done();
    };
    this.broker = new EmbeddedBroker({
      ...{ config, devices, presence, counters, access, apiTokens, deviceTokens },
      log: pino({ level: 'debug' }, new Writable({ write })),
      deviceAccess: new DeviceAccess({ config, tokens: deviceTokens, attempts, devices, counters }),
      attempts: this.attempts,
      repeated: this.admitted.repeated,
      now: Date.now,
      topics: topics(config.mqtt.prefix),
      certificate,
      take: (device, payload) => this.#take(device, payload.toString()),
      takeUp: async (device, payload, sender) => {
        this.ups.push({ device, payload: payload.toString(), sender });
      },
      takeRequest: (request) => {
        if (this.refusal !== null) throw this.refusal;
        this.requests.push(request);
      },
      touch: ({ id }) => this.touched.push(id),
    });
    this.#close = () => {
      this.admitted.close();
      state.close();
      directory.remove();
    };
  }

  /**
   * @param env configuration, as in the environment
   * @param port `mqtt.port`; empty for none
   */
  static async start(
    env: Record<string, string> = {},
    before: (broker: EmbeddedBroker) => void = () => {},
    port = '0',
    certificate: Certificate | null = null,
  ): Promise<BrokerUnderTest> {
    const started = new BrokerUnderTest(await openApi(env), env, port, certificate);
    await started.broker.open();
    before(started.broker);
    try {
      await started.broker.start(started.#api.app);
    } catch (error) {
      await started.close();
      throw error;
    }
    started.#url = await started.#api.listen();
    return started;
  }

  /** `mqtt://127.0.0.1:<port>` */
  get url(): string {
    return `mqtt://127.0.0.1:${this.broker.tcpPort}`;
  }

  /** `ws://127.0.0.1:<port>/mqtt` */
  get webSocketUrl(): string {
    return `${this.#url.replace('http', 'ws')}/mqtt`;
  }

  /** Registers a device. @returns what it logs in with */
  device(id: string): { readonly username: string; readonly password: string; readonly tokenId: string } {
    if (!this.devices.get(id)) this.admitted.registry.create({ id });
    const { token, record } = this.admitted.deviceTokens.create(id);
    return { username: id, password: token, tokenId: record.id };
  }

  /** Makes an API token. @returns what its owner logs in with */
  person(role: 'viewer' | 'operator' | 'admin', expiresAt: number | null = null) {
    this.#tokens += 1;
    const { token, record } = this.admitted.apiTokens.create({
      name: `t${this.#tokens}`,
      role,
      ...(expiresAt === null ? {} : { expiresAt }),
    });
    return { username: 'anybody', password: token, tokenId: record.id };
  }

  /** What is in the audit, oldest first. */
  audited(): AuditEntry[] {
    return entriesOf(this.#audit).reverse();
  }

  /** Resolves when so much telemetry was handed over. */
  async hasTaken(count: number): Promise<void> {
    while (this.taken.length < count) await new Promise<void>((resolve) => this.#onTaken.add(resolve));
  }

  /** Resolves when a device has come online or gone offline. */
  async change(matches: (change: PresenceChange) => boolean): Promise<PresenceChange> {
    for (;;) {
      const found = this.changes.find(matches);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const stop = this.presence.onChange(() => {
          stop();
          resolve();
        });
      });
    }
  }

  async close(): Promise<void> {
    await this.broker.close();
    await this.#api.close();
    this.#close();
  }

  #take(device: string, payload: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.taken.push({ device, payload, synced: resolve, failed: reject });
      if (!this.holds) resolve();
      for (const tell of this.#onTaken) tell();
      this.#onTaken.clear();
    });
  }
}
