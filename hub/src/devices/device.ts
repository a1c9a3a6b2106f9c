import type { Reading, Value } from '@fieldline/journal';
import type { Cap, MetricProfile, Profile, ValueType } from '@fieldline/protocol';
import type { Config } from '../config.js';
import type { BootState } from '../ingest/boot-state.js';
import { EqualTimes } from '../ingest/equal-times.js';
import type { DeviceConfigRecord } from '../state/device-configs.js';
import { RateLimit } from './rate-limit.js';
import type { DeviceRecord } from './registry.js';
import type { Session } from './session.js';

/** What is known of one metric of one device. */
export interface Metric {
  readonly type: ValueType;
  /** When the type was fixed, ms since 1970; null when the profile fixed it. */
  readonly fixedAt: number | null;
  readonly profile: MetricProfile | undefined;
  /** One of 32 bits, in turn: sets of metrics are told apart by their bits. */
  readonly mark: number;
  /** µs since 1970 of the latest durable reading; 0 before the first. */
  latestTime: number;
  latestValue: Value | null;
}

/** What of the configuration bounds a device's rate. */
export type RateConfig = Pick<Config, 'rateLimit'> & { readonly device: Pick<Config['device'], 'rateBurst'> };

/** Where a device's boots come from when it does not have them in memory. */
export interface BootSource {
  load(device: Device): BootState[];
  create(device: Device, name: string): BootState;
}

const NO_CONFIG: DeviceConfigRecord = {
  version: 0,
  desired: {},
  reported: {},
  state: 'none',
  code: null,
  message: null,
};

/** How many boots of a device are remembered. */
const KEPT_BOOTS = 4;
/** From how many arrivals the interval is learned where the profile does not state it. */
const LEARNED_FROM = 10;

/**
 * A device as the running hub knows it: its registry record joined with types, latest values, boots and the
 * session that speaks for it now.
 */
export class Device {
  readonly id: string;
  record: DeviceRecord;
  profile: Profile | undefined = undefined;
  readonly metrics = new Map<string, Metric>();
  session: Session | null = null;
  /** Connections that speak for it, of whatever kind; counted by presence.ts. */
  links = 0;

  /** ms since 1970, of the last message; null before the first. */
  lastSeen: number | null = null;
  /** ms since 1970, when the last durable reading was received; null before the first. */
  lastReading: number | null = null;
  firmware: string | null = null;
  boot: string | null = null;
  address: string | null = null;
  /** What its last `hello` declared; null before the first of this run. */
  caps: ReadonlySet<Cap> | null = null;
  /** Offset in the journal of its newest durable reading. */
  lastOffset = 0;
  readonly counters = { received: 0, duplicates: 0, gaps: 0, rejected: 0, clockRepairs: 0 };

  /** What it shall run, and what it says it runs; kept by configs.ts. */
  config: DeviceConfigRecord = NO_CONFIG;

  readonly equalTimes = new EqualTimes();

  /** Newest last. Null until the first message of this run asks for them. */
  private boots: BootState[] | null = null;
  private readonly arrivals: number[] = [];
  /** Null until it sends something. */
  private rate: RateLimit | null = null;

  constructor(record: DeviceRecord) {
    this.id = record.id;
    this.record = record;
  }

  get isOnline(): boolean {
    return this.links > 0;
  }

  /** Puts the profile in force. Where it names a metric its type counts, whatever was seen first. */
  setProfile(profile: Profile | undefined): void {
    this.profile = profile;
    for (const [name, metric] of this.metrics) this.metrics.set(name, { ...metric, profile: undefined });
    for (const [name, described] of profile?.metrics ?? []) {
      const known = this.metrics.get(name);
      const kept = known?.type === described.type ? known : undefined;
      this.metrics.set(name, {
        type: described.type,
        fixedAt: null,
        profile: described,
        mark: known?.mark ?? this.nextMark(),
        latestTime: kept?.latestTime ?? 0,
        latestValue: kept?.latestValue ?? null,
      });
    }
  }

  /** Takes in a metric whose type its first value has fixed. */
  addMetric(name: string, type: ValueType, fixedAt: number): void {
    const metric = {
      type,
      fixedAt,
      profile: undefined,
      mark: this.nextMark(),
      latestTime: 0,
      latestValue: null,
    };
    this.metrics.set(name, metric);
  }

  private nextMark(): number {
    return 1 << (this.metrics.size & 31);
  }

  /** How much it may send, whichever way it comes: all its connections and requests draw on this. */
  rateLimit({ rateLimit, device }: RateConfig, nowMs: number): RateLimit {
    this.rate ??= new RateLimit(rateLimit, device.rateBurst, nowMs);
    return this.rate;
  }

  /** The state of a boot, made by `create` when it is new; beyond four the one longest unused goes. */
  bootState(name: string, boots: BootSource): BootState {
    this.boots ??= boots.load(this);
    const newest = this.boots[this.boots.length - 1];
    if (newest?.name === name) return newest;
    const at = this.boots.findIndex((boot) => boot.name === name);
    const boot = at >= 0 ? (this.boots.splice(at, 1)[0] as BootState) : boots.create(this, name);
    this.boots.push(boot);
    if (this.boots.length > KEPT_BOOTS) {
      const spare = this.boots.findIndex((candidate) => candidate.unsynced === 0 && candidate !== boot);
      if (spare >= 0) this.boots.splice(spare, 1);
    }
    return boot;
  }

  /** What is known of a boot, without making it. */
  findBoot(name: string, boots: BootSource): BootState | undefined {
    this.boots ??= boots.load(this);
    return this.boots.find((boot) => boot.name === name);
  }

  /** Takes a durable reading: latest values, last seen, the learned interval. */
  take(reading: Reading, offset: number): void {
    // A batch that had to be written again comes late.
    this.lastOffset = Math.max(this.lastOffset, offset);
    const receivedMs = Math.floor(reading.receivedAt / 1000);
    if ((this.profile?.intervalMs ?? null) === null) this.learnInterval(receivedMs);
    this.lastReading = Math.max(this.lastReading ?? 0, receivedMs);
    this.lastSeen = Math.max(this.lastSeen ?? 0, receivedMs);
    for (const name in reading.values) {
      const metric = this.metrics.get(name);
      if (metric === undefined || reading.time < metric.latestTime) continue;
      const value = reading.values[name] as Value;
      if (typeof value !== metric.type) continue; // received before the profile gave it another type
      metric.latestTime = reading.time;
      metric.latestValue = value;
    }
  }

  /** Expected time between readings, ms: the profile's, else the mean of the last ten; null while unknown. */
  get intervalMs(): number | null {
    const stated = this.profile?.intervalMs ?? null;
    if (stated !== null) return stated;
    const first = this.arrivals[0];
    const last = this.arrivals.at(-1);
    if (first === undefined || last === undefined || this.arrivals.length < LEARNED_FROM) return null;
    return Math.max(1_000, Math.round((last - first) / (this.arrivals.length - 1)));
  }

  private learnInterval(receivedMs: number): void {
    if (receivedMs - (this.arrivals.at(-1) ?? 0) < 100) return; // rows of one message, or a burst
    this.arrivals.push(receivedMs);
    if (this.arrivals.length > LEARNED_FROM + 1) this.arrivals.shift();
  }
}
