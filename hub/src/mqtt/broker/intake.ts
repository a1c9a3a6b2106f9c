import type { Client } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { Counters } from '../../ops/counters.js';
import type { TakeIngest } from '../transport.js';
import { judgePublish, type Rules } from './authorize.js';
import { type Link, shown } from './link.js';
import type { SessionStore } from './session-store.js';

export interface IntakeOptions {
  readonly sessions: Pick<SessionStore, 'hasIncoming'>;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly counters: Counters;
  readonly take: TakeIngest;
  readonly rules: Rules;
  /** Home Assistant published on its birth topic. */
  readonly onBirth: (topic: string, payload: Buffer) => void;
}

/** What of a packet has to be known to judge it; a will has no packet identifier. */
export interface Publication {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: number;
  readonly retain?: boolean;
  readonly messageId?: number | undefined;
}

/** What clients publish: telemetry on its way to the disk, and the little else that they may say. */
export class Intake {
  readonly #options: IntakeOptions;
  #isStopping = false;
  /** Messages of devices that are on their way to the disk. */
  #underWay = 0;
  #settled: () => void = () => {};

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Takes a message or a will. Resolves when it may be confirmed; aedes then sends the PUBACK or PUBREC, or closes the
   * connection when this rejects: MQTT 3.1.1 has no other way to say no (§3.3.5).
   */
  async take(link: Link | undefined, client: Client | null, packet: Publication): Promise<void> {
    if (!link?.member || !client) throw new Error('nobody publishes here');
    const { actor } = link.member;
    const { rules, onBirth, counters, sessions, log } = this.#options;
    const { topic, payload, qos, messageId } = packet;
    const verdict = judgePublish(actor, topic, rules);
    if (verdict === 'refuse' || verdict === 'ignore') {
      counters.mqttRefused++;
      link.complain(log, `publishing on ${shown(topic)} was ${verdict === 'refuse' ? 'refused' : 'ignored'}`);
      if (verdict === 'ignore') return;
      link.stream.endReason ??= 'forbidden';
      throw new Error('not authorized to publish there');
    }
    if (verdict === 'birth') return onBirth(topic, Buffer.from(payload));
    // An empty retained message is how a client clears a topic; nothing of a client's is ever retained here.
    if (packet.retain && payload.length === 0) return;
    if (qos === 2 && messageId !== undefined && sessions.hasIncoming(client.id, messageId)) return;
    if (actor.kind === 'device') await this.#ingest(link, actor.device, Buffer.from(payload), qos);
  }

  /** Takes nothing more. Resolves when nothing is on its way to the disk. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
  }

  async #ingest(link: Link, device: string, payload: Buffer, qos: number): Promise<void> {
    const { take, counters } = this.#options;
    if (this.#isStopping || link.stream.endReason === 'unauthorized')
      throw new Error('nothing is taken any more');
    this.#underWay += 1;
    try {
      // A will comes when the connection has ended.
      await (link.end.signal.aborted ? take(device, payload) : take(device, payload, link.end.signal));
    } catch (error) {
      if (qos === 0) {
        counters.bestEffortDropped++; // nobody waits for a confirmation, or would send it again
        return;
      }
      link.stream.endReason ??= 'try_later';
      throw error;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#settled();
    }
  }
}
