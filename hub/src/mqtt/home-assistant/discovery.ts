import type { Topics } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../../config.js';
import type { Device } from '../../devices/device.js';
import type { AnnouncedDevice } from '../../state/announced-devices.js';
import { type MqttTransport, RefusedMessage } from '../transport.js';
import {
  type Component,
  type DiscoveryMessage,
  describeDevice,
  discoveryTopic,
  type Platform,
} from './discovery-message.js';

/** Where it is kept what Home Assistant was told (state/announced-devices.ts). */
export interface AnnouncementStore {
  all(): Iterable<AnnouncedDevice>;
  save(devices: readonly AnnouncedDevice[]): void;
  forget(topics: readonly string[]): void;
}

export interface HomeAssistantDiscoveryOptions {
  readonly transport: Pick<MqttTransport, 'isConnected' | 'publish' | 'onConnected' | 'subscribe'>;
  readonly devices: { all(): Iterable<Device> };
  readonly announced: AnnouncementStore;
  readonly config: Pick<Config, 'homeAssistant' | 'origins'>;
  readonly topics: Topics;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
  /** The hub's version. */
  readonly version: string;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /** How often it looks for what has changed, ms. */
  readonly everyMs?: number;
  /** How long after its birth Home Assistant is told everything again, ms at the most. */
  readonly spreadMs?: number;
}

/** What of a device its message depends on. */
type Shown = Pick<Device, 'record' | 'profile' | 'firmware' | 'shape'>;

/** How it stands with one topic. */
interface Announcement {
  /** What Home Assistant may know under it, by key. On disk before it is published. */
  components: Readonly<Record<string, string>>;
  /** What was published last; null when it has to be said again. */
  shown: Shown | null;
  /** Keys that the last message took away: the next one leaves them out. */
  cleared: ReadonlySet<string>;
  /** The last look that found its device. */
  seenIn: number;
}

const EVERY_MS = 2_000;
const SPREAD_MS = 10_000;
/** Messages under way at once, some kilobytes each. */
const AT_ONCE = 20;
/** Between so many messages others have their turn: ten thousand devices take some ten seconds. */
const PAUSE_MS = 20;
/** Devices that are looked at in one go. */
const SLICE = 500;
const NONE: ReadonlySet<string> = new Set();

/**
 * Tells Home Assistant which devices there are, in one retained message each: after every connect, after Home
 * Assistant's own start, and when something of a device changes. What is gone is cleared, also what an earlier
 * run announced, also when discovery was switched off since.
 *
 * It looks for changes every two seconds and compares, which costs less than following every change, and puts
 * changes that come together into one message.
 */
export class HomeAssistantDiscovery {
  readonly #options: HomeAssistantDiscoveryOptions;
  readonly #announcements = new Map<string, Announcement>();
  readonly #topics = new WeakMap<Device, string>();
  #round = 0;
  #timer: NodeJS.Timeout | null = null;
  #birth: NodeJS.Timeout | null = null;
  #stopListening: () => void = () => undefined;
  #isRunning = false;
  #isClosed = false;
  #lastWarning = '';

  constructor(options: HomeAssistantDiscoveryOptions) {
    this.#options = options;
  }

  /** Reads what was announced, and begins. Before the transport is opened, so that no birth is missed. */
  open(): void {
    const { announced, transport, config, everyMs = EVERY_MS } = this.#options;
    for (const { topic, components } of announced.all()) {
      this.#announcements.set(topic, { components, shown: null, cleared: NONE, seenIn: 0 });
    }
    const { discovery, prefix } = config.homeAssistant;
    if (!discovery && this.#announcements.size === 0) return;
    if (discovery) transport.subscribe(`${prefix}/status`, (payload) => this.#status(payload.toString()));
    this.#stopListening = transport.onConnected(() => this.#sayAgain());
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /**
   * Stops. What was announced stays: the hub's own status tells Home Assistant that the hub is away. What is on its
   * way ends with the transport.
   */
  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    if (this.#timer) clearInterval(this.#timer);
    if (this.#birth) clearTimeout(this.#birth);
  }

  /** Home Assistant came up. Many things answer to that at once, so each waits a while of its own. */
  #status(status: string): void {
    if (status !== 'online' || this.#birth || this.#isClosed) return;
    const { random = Math.random, spreadMs = SPREAD_MS } = this.#options;
    this.#birth = setTimeout(() => {
      this.#birth = null;
      this.#sayAgain();
    }, random() * spreadMs);
  }

  #sayAgain(): void {
    for (const announcement of this.#announcements.values()) {
      announcement.shown = null;
      announcement.cleared = NONE;
    }
    this.#look();
  }

  #look(): void {
    if (this.#isRunning || this.#isClosed || !this.#options.transport.isConnected) return;
    this.#isRunning = true;
    this.#bringUpToDate()
      .catch((error: unknown) => this.#warn(error))
      .finally(() => {
        this.#isRunning = false;
      });
  }

  async #bringUpToDate(): Promise<void> {
    const { devices, config } = this.#options;
    const { discovery } = config.homeAssistant;
    const round = ++this.#round;
    const due: (readonly [string, Device])[] = [];
    let looked = 0;
    for (const device of discovery ? devices.all() : []) {
      if (++looked % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      if (device.metrics.size === 0) continue; // nothing to show yet
      const topic = this.#topicOf(device);
      const announcement = this.#announcements.get(topic);
      if (announcement) announcement.seenIn = round;
      if (isDue(announcement, device)) due.push([topic, device]);
    }
    const gone: string[] = [];
    for (const [topic, { seenIn }] of this.#announcements) if (seenIn !== round) gone.push(topic);
    await this.#inTurns(gone, (some) => this.#clear(some));
    await this.#inTurns(due, (some) => this.#announce(some));
  }

  /** Kept, because every device is asked for it every two seconds. */
  #topicOf(device: Device): string {
    const known = this.#topics.get(device);
    if (known !== undefined) return known;
    const { config, topics } = this.#options;
    const topic = discoveryTopic(config.homeAssistant.prefix, topics, device.id);
    this.#topics.set(device, topic);
    return topic;
  }

  async #announce(due: readonly (readonly [string, Device])[]): Promise<void> {
    const { announced, topics, version, config } = this.#options;
    const teller = { version, url: config.origins[0] ?? null };
    const messages = due.map(([topic, device]) => {
      const message = describeDevice(device, topics, teller);
      const { record, profile, firmware, shape } = device;
      return { topic, message, shown: { record, profile, firmware, shape } };
    });
    // On disk before it is said: what a killed hub has said must be known to the next run.
    const grown: AnnouncedDevice[] = [];
    for (const { topic, message } of messages) {
      const known = this.#announcements.get(topic)?.components ?? {};
      const current = platforms(message);
      if (Object.keys(current).every((key) => Object.hasOwn(known, key))) continue;
      grown.push({ topic, components: { ...known, ...current } });
    }
    announced.save(grown);
    for (const { topic, components } of grown) {
      const before = this.#announcements.get(topic);
      if (before) before.components = components;
      else this.#announcements.set(topic, { components, shown: null, cleared: NONE, seenIn: 0 });
    }
    const shrunk: AnnouncedDevice[] = [];
    await Promise.all(
      messages.map(async ({ topic, message, shown }) => {
        const announcement = this.#announcements.get(topic);
        if (!announcement) return;
        const { cleared } = announcement;
        // The next message leaves out what this one takes away, but some time later: Home Assistant passes over a
        // message that comes while it still works on the one before.
        const left = leftovers(announcement.components, message.components);
        const stale = Object.fromEntries(Object.entries(left).filter(([key]) => !cleared.has(key)));
        const payload = { ...message, components: { ...message.components, ...stale } };
        if (!(await this.#publish(topic, JSON.stringify(payload)))) return;
        announcement.shown = shown;
        announcement.cleared = new Set(Object.keys(stale));
        if (Object.keys(left).length === announcement.cleared.size) return;
        announcement.components = platforms(payload);
        shrunk.push({ topic, components: announcement.components });
      }),
    );
    announced.save(shrunk);
  }

  async #clear(gone: readonly string[]): Promise<void> {
    const cleared: string[] = [];
    await Promise.all(
      gone.map(async (topic) => {
        if (await this.#publish(topic, '')) cleared.push(topic);
      }),
    );
    this.#options.announced.forget(cleared);
    for (const topic of cleared) this.#announcements.delete(topic);
  }

  /** Whether that is done with; else it is tried again. */
  async #publish(topic: string, payload: string): Promise<boolean> {
    try {
      await this.#options.transport.publish(topic, payload, { qos: 1, retain: true });
      return true;
    } catch (error) {
      this.#warn(error);
      // The same message would be refused again.
      return error instanceof RefusedMessage;
    }
  }

  async #inTurns<T>(all: readonly T[], work: (some: readonly T[]) => Promise<void>): Promise<void> {
    for (let at = 0; at < all.length; at += AT_ONCE) {
      if (at > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (this.#isClosed || !this.#options.transport.isConnected) return;
      await work(all.slice(at, at + AT_ONCE));
    }
  }

  #warn(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#isClosed || message === this.#lastWarning) return;
    this.#lastWarning = message;
    this.#options.log.warn({ err: error }, 'Home Assistant could not be told of all devices; it will be');
  }
}

function isDue(announcement: Announcement | undefined, device: Device): boolean {
  if (!announcement || announcement.cleared.size > 0) return true;
  const { shown } = announcement;
  return (
    shown === null ||
    shown.record !== device.record ||
    shown.profile !== device.profile ||
    shown.firmware !== device.firmware ||
    shown.shape !== device.shape
  );
}

function platforms({ components }: Pick<DiscoveryMessage, 'components'>): Record<string, string> {
  return Object.fromEntries(Object.entries(components).map(([key, { platform }]) => [key, platform]));
}

/** What Home Assistant has to forget: a component with nothing but its platform. */
function leftovers(
  known: Readonly<Record<string, string>>,
  current: Readonly<Record<string, Component>>,
): Record<string, Component> {
  const stale: Record<string, Component> = {};
  for (const [key, platform] of Object.entries(known)) {
    if (!Object.hasOwn(current, key)) stale[key] = { platform: platform as Platform };
  }
  return stale;
}
