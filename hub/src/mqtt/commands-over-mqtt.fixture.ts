import { topics } from '@fieldline/protocol';
import { pino } from 'pino';
import { CommandBench } from '../commands/commands.fixture.js';
import { Configs } from '../devices/configs.js';
import { sessionsOf } from '../devices/session.fixture.js';
import type { SessionContext } from '../devices/session-context.js';
import { DeviceConfigStore } from '../state/device-configs.js';
import { Complaints } from './complaints.js';
import { Down } from './down-link.js';
import { DownLinks } from './down-links.js';
import { Outbox } from './outbox.js';
import { Requests } from './requests.js';
import { Responses } from './responses.js';
import { ResultPublisher } from './result-publisher.js';
import { HeldTransport } from './transport.fixture.js';
import type { IncomingRequest } from './transport.js';
import { UpInbox } from './up-inbox.js';

export const TOPICS = topics();

/** Commands over MQTT, with a real state file and a broker that the test confirms for. */
export class MqttBench {
  readonly bench = new CommandBench().open();
  readonly transport = new HeldTransport();
  readonly counters = { taken: 0, refused: 0, retained: 0, badResponseTopics: 0 };
  readonly skipped = { skipped: 0 };
  readonly warnings: object[] = [];
  readonly lines: object[] = [];
  readonly raw: { direction: string; frame: string }[] = [];
  /** Payloads that went the way of telemetry. */
  readonly ingested: string[] = [];
  /** Waits for the disk. */
  readonly synced: string[] = [];
  readonly sessions = sessionsOf();
  readonly configs: Configs;
  readonly requests: Requests;
  readonly responses: Responses;
  readonly results: ResultPublisher;
  readonly links: DownLinks;
  readonly inbox: UpInbox;
  readonly context: SessionContext;

  constructor() {
    const { bench, transport } = this;
    const { state, audit, devices, commands, ledger } = bench;
    const now = () => bench.nowMs;
    const log = pino({ enabled: false });
    const store = new DeviceConfigStore(state);
    this.configs = new Configs({ state, store, audit, devices, log, now });
    const outbox = new Outbox(transport, this.skipped);
    this.responses = new Responses({ outbox, ledger });
    this.results = new ResultPublisher({ outbox, ledger, topics: TOPICS });
    this.requests = new Requests({
      ...{ topics: TOPICS, commands, configs: this.configs, responses: this.responses, now },
      counters: this.counters,
      maxBytes: 2_000,
      log: { warn: (fields: object) => this.warnings.push(fields) } as never,
    });
    this.responses.open();
    const live: SessionContext['live'] = {
      log: () => {},
      wantsRaw: () => true,
      raw: (event) => this.raw.push(event),
    };
    const deviceLog = { add: (line: object) => this.lines.push(line) };
    this.context = { ...this.sessions.context, commands, configs: this.configs, live, deviceLog, log, now };
    const down = new Down({ outbox, topics: TOPICS, live, now });
    this.links = new DownLinks(this.context);
    const complaints = new Complaints(down, this.links);
    this.inbox = new UpInbox({
      ...{ context: this.context, devices, down, links: this.links, complaints },
      inbox: {
        take: async (_device, payload) => {
          this.ingested.push(payload.toString());
        },
        sync: async ({ id }) => {
          this.synced.push(id);
        },
      },
    });
  }

  /** Somebody publishes a command to `r1`. */
  command(name: string, payload: object | string, more: Partial<IncomingRequest> = {}): void {
    this.requests.take(this.#request({ kind: 'command', device: 'r1', name }, payload, more));
  }

  /** Somebody publishes what `r1` shall run. */
  config(payload: object | string, more: Partial<IncomingRequest> = {}): void {
    this.requests.take(this.#request({ kind: 'config_set', device: 'r1' }, payload, more));
  }

  /** `r1` says something. */
  up(
    message: object | string,
    sender: { readonly end?: AbortSignal; readonly isRepeated?: boolean } = {},
    device = 'r1',
  ): Promise<void> {
    const { end = new AbortController().signal, isRepeated = false } = sender;
    return this.inbox.take(device, bytesOf(message), { signal: end, end, isRepeated });
  }

  /** What went to `r1`. */
  get down(): { type: string; [field: string]: unknown }[] {
    return this.said(TOPICS.down('r1'));
  }

  /** What was published under a topic. */
  said<T>(topic: string): T[] {
    return this.transport.published.flatMap((message) =>
      message.topic === topic ? [JSON.parse(message.payload) as T] : [],
    );
  }

  close(): void {
    this.responses.close();
    this.results.close();
    this.bench.close();
  }

  #request(
    topic: IncomingRequest['topic'],
    payload: object | string,
    more: Partial<IncomingRequest>,
  ): IncomingRequest {
    const nothing = { isRetained: false, response: null, ttlMs: null, identity: null };
    return { topic, payload: bytesOf(payload), actor: { name: 'mqtt' }, ...nothing, ...more };
  }
}

function bytesOf(payload: object | string): Buffer {
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}
