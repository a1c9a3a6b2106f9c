import type { Entry, Reading } from '@fieldline/journal';
import type { Topics } from '@fieldline/protocol';
import { type MqttTransport, RefusedMessage } from '../../mqtt/transport.js';
import { type Forgets, type Rejection, type Sink, SinkError } from '../sink.js';
import { telemetryPayload } from './telemetry-payload.js';

/** Subscribers want readings soon; a few milliseconds let one write hold what one sync brought. */
const BATCH = { maxReadings: 2_000, lingerMs: 5 } as const;
/** Messages between their PUBLISH and their PUBACK: alone each costs a round trip, and seven times the CPU. */
const IN_FLIGHT = 100;

/**
 * Publishes each reading as one message (protocol §4), at least once and in the order of the journal: one that failed
 * is sent again with all that followed it.
 */
export class MqttSink implements Sink {
  readonly name = 'mqtt';
  readonly batch = BATCH;
  readonly forgets: Forgets | undefined;
  readonly #transport: MqttTransport;
  readonly #topics: Topics;
  readonly #openTransport: () => Promise<void>;
  #isClosed = false;

  /**
   * @param openTransport called at each opening. The transport lives longer than the sink, since others say goodbye
   *   over it: opening it again does nothing
   * @param savedAfterMs when the broker has on its disk what it confirms; 0 where it is not to be doubted
   */
  constructor(
    transport: MqttTransport,
    topics: Topics,
    openTransport: () => Promise<void>,
    savedAfterMs = 0,
  ) {
    // A connection that ended may have ended with its broker.
    const onForgotten = (listener: () => void) => transport.onConnected(listener);
    this.forgets = savedAfterMs === 0 ? undefined : { savedAfterMs, onForgotten };
    this.#transport = transport;
    this.#topics = topics;
    this.#openTransport = openTransport;
  }

  async open(): Promise<null> {
    await this.#openTransport();
    if (!this.#transport.isConnected) throw this.#transport.failure;
    return null;
  }

  async write(entries: readonly Entry[], signal: AbortSignal): Promise<readonly Rejection[]> {
    if (this.#isClosed) throw new SinkError('internal', 'the MQTT sink is closed');
    if (!this.#transport.isConnected) throw this.#transport.failure;
    return new Delivery(this.#transport, this.#topics, wanted(entries), signal).done;

    function* wanted(list: readonly Entry[]): Generator<Reading> {
      for (const entry of list) yield* entry.readings();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}

/** One write: so many messages in flight, the next one sent as soon as one is confirmed. */
class Delivery {
  readonly done: Promise<readonly Rejection[]>;
  readonly #transport: MqttTransport;
  readonly #topics: Topics;
  readonly #readings: Iterator<Reading>;
  readonly #rejections: Rejection[] = [];
  #inFlight = 0;
  #hasEnded = false;
  #resolve: (rejections: readonly Rejection[]) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(transport: MqttTransport, topics: Topics, readings: Iterator<Reading>, signal: AbortSignal) {
    this.#transport = transport;
    this.#topics = topics;
    this.#readings = readings;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const abort = () =>
      this.#fail(new SinkError('network', 'the write was aborted', { cause: signal.reason }));
    signal.addEventListener('abort', abort);
    const cleanUp = () => signal.removeEventListener('abort', abort);
    this.done.then(cleanUp, cleanUp);
    if (signal.aborted) abort();
    else this.#fill();
  }

  #fill(): void {
    while (this.#inFlight < IN_FLIGHT && !this.#hasEnded) {
      const { value: reading, done } = this.#readings.next();
      if (done === true) {
        if (this.#inFlight === 0) this.#succeed();
        return;
      }
      const topic = this.#topics.telemetry(reading.device);
      if (this.#transport.isWanted(topic)) this.#send(reading, topic);
    }
  }

  #send(reading: Reading, topic: string): void {
    this.#inFlight++;
    this.#transport.publish(topic, telemetryPayload(reading), { qos: 1, retain: false }).then(
      () => this.#settled(),
      (error: unknown) => {
        if (error instanceof RefusedMessage) {
          this.#rejections.push({ reading, code: 'sink_rejected', message: error.message });
          this.#settled();
        } else this.#fail(error);
      },
    );
  }

  #settled(): void {
    this.#inFlight--;
    this.#fill();
  }

  #succeed(): void {
    this.#hasEnded = true;
    this.#resolve(this.#rejections);
  }

  /** Nothing more is sent: what would follow must not overtake what failed. */
  #fail(error: unknown): void {
    this.#hasEnded = true;
    this.#reject(error);
  }
}
