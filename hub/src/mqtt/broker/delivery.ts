import type { AedesPublishPacket, Client } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { Counters } from '../../ops/counters.js';
import { mayRead, type Rules } from './authorize.js';
import type { ClientStream } from './client-stream.js';
import { matches } from './filter-tree.js';
import type { HubAedes } from './hub-aedes.js';
import type { Link } from './link.js';

export interface DeliveryOptions {
  readonly aedes: Pick<HubAedes, 'sessions'>;
  readonly rules: Rules;
  readonly counters: Counters;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  /** A client is handed a message. */
  readonly onHanded: (stream: ClientStream) => void;
}

/** Unsent bytes of a client, beyond which it is cut off. */
const MAX_UNSENT_BYTES = 1_048_576;

/** What the broker's clients get of the hub's messages. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /**
   * Hands a message over. @returns what aedes is to send; null when there is nothing for it to do: the message is not
   * for this client's eyes, the client does not read, or it has got the message here
   */
  hand(link: Link | undefined, client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    if (!link?.member || link.stream.destroyed) return null;
    const { rules, counters, log, onHanded } = this.#options;
    if (!mayRead(link.member.actor, packet.topic, rules)) return null;
    if (link.stream.unsentBytes > MAX_UNSENT_BYTES) {
      counters.mqttSlowClients++;
      log.warn(
        { client: link.member.name, address: link.stream.address },
        'an MQTT client does not read what it subscribed to; it was disconnected',
      );
      link.stream.cut('overrun');
      return null;
    }
    onHanded(link.stream);
    if (client.clean && link.qos !== null && !packet.retain) {
      link.outbox.add(packet, link.qos === 0 || packet.qos === 0 ? 0 : 1);
      return null; // aedes has nothing more to do with it
    }
    link.outbox.split();
    return packet.retain ? this.#retained(link, client, packet) : packet;
  }

  /**
   * A retained message, with the QoS that was granted; aedes looks that up for filters without wildcards only. It is
   * read some time before its turn comes: what was said since then has gone out already, and must stay the last word.
   */
  #retained(link: Link, { id }: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { sessions } = this.#options.aedes;
    const newest = sessions.retained.get(packet.topic);
    if (newest === undefined) return null;
    const isWanted = [...link.filters].some(([filter, qos]) => qos > 0 && matches(filter, packet.topic));
    const qos = isWanted ? newest.qos : 0;
    // aedes takes the packet identifier from elsewhere: it could be that of another message under way.
    const session = qos > 0 ? sessions.get(id) : undefined;
    const { payload } = newest;
    return { ...packet, payload, qos, ...(session && { messageId: session.takePacketId() }) };
  }
}
