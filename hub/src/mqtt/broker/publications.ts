import { createHash } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Attempts } from '../../devices/attempts.js';
import type { Counters } from '../../ops/counters.js';
import type { RequestTopic } from '../request-topic.js';
import type { IncomingRequest, Intakes } from '../transport.js';
import { judgePublish, type Rules } from './authorize.js';
import type { HubAedes } from './hub-aedes.js';
import { type Publisher, shown } from './link.js';

/** What of a packet has to be known to judge it; a will has no packet identifier. */
export interface Publication {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: number;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly messageId?: number | undefined;
}

export interface PublicationsOptions extends Intakes {
  readonly aedes: Pick<HubAedes, 'sessions'>;
  readonly counters: Counters;
  readonly rules: Rules;
  readonly attempts: Pick<Attempts, 'note'>;
  /** Home Assistant published on its birth topic. */
  readonly onBirth: (topic: string, payload: Buffer) => void;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
}

/** What clients of the embedded broker publish: all of it is for the hub, and confirmed when the hub has it safe. */
export class Publications {
  readonly #options: PublicationsOptions;
  #isStopping = false;
  /** Messages of devices that are on their way to the disk. */
  #underWay = 0;
  #settled: () => void = () => {};

  constructor(options: PublicationsOptions) {
    this.#options = options;
  }

  /** Takes nothing any more. Resolves when all that was taken has been answered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
  }

  /**
   * Takes a message or a will. Resolves when it may be confirmed; aedes then sends the PUBACK or PUBREC, or closes the
   * connection when this rejects: MQTT 3.1.1 has no other way to say no (§3.3.5).
   */
  async take(publisher: Publisher, packet: Publication): Promise<void> {
    const { rules, onBirth, counters, aedes, log, take, takeUp } = this.#options;
    const { stream, end } = publisher;
    const { topic, payload, qos, retain = false, dup = false, messageId } = packet;
    const verdict = judgePublish(publisher.member.actor, topic, rules);
    if (verdict.kind === 'refuse' || verdict.kind === 'ignore') {
      counters.mqttRefused++;
      publisher.complain(log, `publishing on ${shown(topic)} was ${verdict.kind}d`);
      this.#note(publisher, topic);
      if (verdict.kind === 'ignore') return;
      throw this.#forbidden(publisher);
    }
    if (verdict.kind === 'birth') return onBirth(topic, Buffer.from(payload));
    // An empty retained message is how a client clears a topic; nothing of a client's is ever retained here.
    if (retain && payload.length === 0) return;
    const isKnown = qos === 2 && messageId !== undefined;
    if (isKnown && aedes.sessions.hasIncoming(publisher.id, messageId)) return;
    if (this.#isStopping || stream.endReason === 'unauthorized') throw new Error('nothing is taken any more');
    const body = Buffer.from(payload);
    if (verdict.kind === 'request') return this.#request(publisher, verdict.topic, packet, body);
    const { signal } = end;
    const { device } = verdict;
    await this.#settle(publisher, qos, async () => {
      if (verdict.kind === 'up') {
        await subscribed();
        return takeUp(device, body, { signal, end: signal, isRepeated: dup });
      }
      // A will comes when the connection has ended.
      return signal.aborted ? take(device, body) : take(device, body, signal);
    });
  }

  /** A device that sends to the wrong topic is one of those of whom somebody asks why nothing comes. */
  #note({ member, stream }: Publisher, topic: string): void {
    if (member.device === null) return;
    const { id } = member.device;
    const message = `device ${id} may not publish on this topic`;
    const who = { device: id, address: stream.address, via: 'mqtt' } as const;
    this.#options.attempts.note({ ...who, kind: 'wrong_topic', code: 'forbidden', message, detail: topic });
  }

  #request(publisher: Publisher, topic: RequestTopic, packet: Publication, payload: Buffer): void {
    const { counters, log, takeRequest } = this.#options;
    const { member, stream } = publisher;
    if (packet.retain) {
      counters.mqttRequests.retained++;
      publisher.complain(log, `a retained message on ${shown(packet.topic)} was refused`);
      throw this.#forbidden(publisher);
    }
    try {
      const { kind } = member.actor;
      const who = { ...member.audited, address: stream.address };
      const actor = kind === 'token' ? { ...who, kind } : who;
      const identity = identityOf(publisher, packet, payload);
      takeRequest({ topic, payload, isRetained: false, actor, response: null, ttlMs: null, identity });
    } catch (error) {
      stream.endReason ??= 'try_later';
      throw error;
    }
  }

  /** Waits until a device's message is safe. */
  async #settle({ stream }: Publisher, qos: number, take: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await take();
    } catch (error) {
      if (qos === 0) {
        this.#options.counters.bestEffortDropped++; // nobody waits for a confirmation, or would send it again
        return;
      }
      stream.endReason ??= 'try_later';
      throw error;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#settled();
    }
  }

  #forbidden({ stream }: Publisher): Error {
    stream.endReason ??= 'forbidden';
    return new Error('not authorized to publish there');
  }
}

/**
 * What a repeated command is known by: its client, its packet identifier, and what it says. A client that sends a
 * message again after a reconnect says so (DUP, MQTT 3.1.1 §3.3.1.1), with the same identifier (§4.4); one that does
 * not say so means another command, though it may use the identifier again.
 */
function identityOf(
  { id }: Publisher,
  { topic, dup = false, messageId }: Publication,
  payload: Buffer,
): IncomingRequest['identity'] {
  if (messageId === undefined) return null;
  const digest = createHash('sha256').update(`${topic}\n`).update(payload).digest('base64url');
  return { scope: `mqtt ${id}`, key: `${messageId} ${digest}`, isFirst: !dup };
}

/**
 * Waits until aedes has done with the SUBSCRIBE that came before: `hello` may be sent without waiting for the SUBACK,
 * and is answered at once.
 */
function subscribed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
