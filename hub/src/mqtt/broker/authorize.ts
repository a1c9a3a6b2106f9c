import type { Role } from '@fieldline/protocol';
import { allows } from '../../access/principal.js';
import { type RequestTopic, requestTopic } from '../request-topic.js';

/** Who speaks over a connection, as far as its rights go. */
export type Actor =
  | { readonly kind: 'device'; readonly device: string }
  | { readonly kind: 'token'; readonly role: Role };

/** What the rights depend on, of the configuration. */
export interface Rules {
  /** What the hub's topics start with, such as `fieldline/v1`. */
  readonly prefix: string;
  /** Where Home Assistant says that it has started, such as `homeassistant/status`. */
  readonly birth: string;
  /** Whether the hub listens to that. */
  readonly discovery: boolean;
}

/**
 * What to do with a message that a client publishes: take it as telemetry or what else a device has to say, as a
 * command or a configuration, tell of Home Assistant's birth, confirm it and do nothing, or refuse it.
 */
export type PublishVerdict =
  | { readonly kind: 'ingest' | 'up'; readonly device: string }
  | { readonly kind: 'request'; readonly topic: RequestTopic }
  | { readonly kind: 'birth' }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'refuse' };

const REFUSE: PublishVerdict = { kind: 'refuse' };

/** Topics are split into levels all the time: nobody needs longer ones. */
const MAX_TOPIC_LENGTH = 1_024;
/** What aedes takes. */
const MAX_LEVELS = 100;

/**
 * Judges a publication or a will (protocol §4, last paragraph). Home Assistant publishes its birth whether anybody
 * listens or not: without discovery it is ignored.
 */
export function judgePublish(actor: Actor, topic: string, rules: Rules): PublishVerdict {
  if (actor.kind === 'device') {
    const { device } = actor;
    if (topic === `${rules.prefix}/ingest/${device}`) return { kind: 'ingest', device };
    return topic === `${rules.prefix}/devices/${device}/up` ? { kind: 'up', device } : REFUSE;
  }
  if (!allows(actor.role, 'operator')) return REFUSE;
  if (topic === rules.birth) return { kind: rules.discovery ? 'birth' : 'ignore' };
  const request = requestTopic(topic, rules.prefix);
  return request === undefined ? REFUSE : { kind: 'request', topic: request };
}

/**
 * Whether somebody may subscribe: a device to anything within `devices/<its id>/#`, people to everything, and
 * operators to `$SYS`, too.
 */
export function maySubscribe(actor: Actor, filter: string, { prefix }: Rules): boolean {
  if (!isFilter(filter)) return false;
  if (actor.kind === 'device') {
    const own = `${prefix}/devices/${actor.device}`;
    // The prefix and the id have no wildcards: what starts with them is inside.
    return filter === own || filter.startsWith(`${own}/`);
  }
  if (!filter.startsWith('$')) return true;
  return allows(actor.role, 'operator') && /^\$SYS(\/|$)/.test(filter);
}

/** Whether a message of this topic may be shown to somebody, whatever was subscribed to. */
export function mayRead(actor: Actor, topic: string, { prefix }: Rules): boolean {
  return actor.kind !== 'device' || topic.startsWith(`${prefix}/devices/${actor.device}/`);
}

/** Whether it is a topic filter as MQTT 3.1.1 §4.7 wants it, of a length that we take. */
export function isFilter(filter: string): boolean {
  if (filter === '' || filter.length > MAX_TOPIC_LENGTH || filter.includes('\0')) return false;
  const levels = filter.split('/');
  if (levels.length > MAX_LEVELS) return false;
  return levels.every((level, at) => {
    if (level === '#') return at === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}
