import type { Reading, Value } from '@fieldline/journal';
import type { Cap, Profile, ValueType } from '@fieldline/protocol';
import type { Config } from '../config.js';
import type { BootState } from '../ingest/boot-state.js';
import { EqualTimes } from '../ingest/equal-times.js';
import type { DeviceConfigRecord } from '../state/device-configs.js';
import { Arrivals } from './arrivals.js';
import { type FixedAt, type Metric, retypedProfile } from './metric.js';
import { RateLimit } from './rate-limit.js';
import type { DeviceRecord } from './registry.js';
import type { Session } from './session.js';
import { Standing } from './standing.js';

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
  ...{ code: null, message: null, by: null, at: null, reportedVersion: null, reportedAt: null },
};

const NOTHING_RETYPED: ReadonlyMap<string, FixedAt> = new Map();

/** How many boots of a device are remembered. */
const KEPT_BOOTS = 4;

/**
 * A device as the running hub knows it: its registry record joined with types, latest values, boots and the
 * session that speaks for it now.
 */
export class Device {
  readonly id: string;
  record: DeviceRecord;
  profile: Profile | undefined = undefined;
  /** Types that an admin gave to metrics of its profile, also to those that it has not sent yet. */
  retyped: ReadonlyMap<string, FixedAt> = NOTHING_RETYPED;
  readonly metrics = new Map<string, Metric>();
  /** Counts up whenever a metric comes, or changes its type. */
  shape = 0;
  session: Session | null = null;
  /** Connections that speak for it, of whatever kind; counted by presence.ts. */
  links = 0;
  /** How it stands with them; kept by presence.ts. */
  readonly standing = new Standing();

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
  /** Where the profile does not state the interval, it is learned. */
  readonly arrivals = new Arrivals();
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
  setProfile(profile: Profile | undefined, retyped: ReadonlyMap<string, FixedAt> = NOTHING_RETYPED): void {
    this.profile = profile;
    this.retyped = retyped;
    for (const name of new Set([...this.metrics.keys(), ...(profile?.metrics.keys() ?? [])])) {
      this.settleType(name);
    }
  }

  /** Takes in the type that a first value has fixed for a metric. */
  addMetric(name: string, type: ValueType, fixedAt: number): void {
    this.settleType(name, { type, fixedAt });
  }

  /**
   * Finds the type of a metric: what an admin says wins over the profile, and the profile over what was learned. A
   * latest value of another type is shown no more.
   */
  settleType(name: string, learned = this.metrics.get(name)?.learned ?? null): void {
    const known = this.metrics.get(name);
    const described = this.profile?.metrics.get(name);
    const stated = described && { type: described.type, fixedAt: null };
    const fixed = this.retyped.get(name) ?? stated ?? learned ?? known;
    if (fixed === undefined) return;
    const { type, fixedAt } = fixed;
    this.metrics.set(name, {
      ...{ type, fixedAt, learned },
      profile: described && retypedProfile(described, type),
      mark: known?.mark ?? this.nextMark(),
      latestTime: known?.latestTime ?? 0,
      latestValue: known?.type === type ? known.latestValue : null,
    });
    this.shape++;
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
    if ((this.profile?.intervalMs ?? null) === null) this.arrivals.note(receivedMs, reading.time / 1000);
    this.lastReading = Math.max(this.lastReading ?? 0, receivedMs);
    this.lastSeen = Math.max(this.lastSeen ?? 0, receivedMs);
    for (const name in reading.values) {
      const metric = this.metrics.get(name);
      if (metric === undefined || reading.time < metric.latestTime) continue;
      const value = reading.values[name] as Value;
      if (typeof value === metric.type) {
        metric.latestTime = reading.time;
        metric.latestValue = value;
      } else if (metric.latestValue === null) {
        metric.latestTime = reading.time; // received before the metric was given another type: it was seen, at least
      }
    }
  }

  /** Expected time between readings, ms: the profile's, else what was learned; null while unknown. */
  get intervalMs(): number | null {
    return this.profile?.intervalMs ?? this.arrivals.intervalMs;
  }
}
