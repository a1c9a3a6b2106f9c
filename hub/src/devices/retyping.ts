import type { Profile, ValueType } from '@fieldline/protocol';
import type { Actor } from '../commands/ledger.js';
import { type Audit, auditName } from '../state/audit.js';
import { Listeners } from '../state/listeners.js';
import type { RetypedMetricRow, RetypedMetricStore } from '../state/retyped-metrics.js';
import type { StateFile } from '../state/state-file.js';
import type { FixedAt } from './metric.js';

/** Stands for the devices without a profile, as it does in InfluxDB (protocol §6). */
export const NO_PROFILE = 'default';

export interface RetypingOptions {
  readonly state: StateFile;
  readonly store: RetypedMetricStore;
  readonly audit: Audit;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly now: () => number;
}

/** A metric of a profile's devices, and the type that it has now. */
export interface Retyped {
  readonly profile: string;
  readonly metric: string;
  readonly type: ValueType;
  /** ms since 1970; null where it is the profile's own type again. */
  readonly fixedAt: number | null;
}

/**
 * Types that an admin has repaired (protocol §1.2 "Types"). Such a type wins over the one of the profile's file and
 * over the one that a first value fixed, for all devices of the profile, also for those that come later.
 */
export class Retyping {
  readonly #options: RetypingOptions;
  readonly #byProfile = new Map<string, Map<string, FixedAt>>();
  readonly #changes = new Listeners<Retyped>();

  constructor(options: RetypingOptions) {
    this.#options = options;
  }

  open(): void {
    for (const { profile, metric, type, fixedAt } of this.#options.store.all()) {
      this.#of(profile).set(metric, { type, fixedAt });
    }
  }

  /** Calls `listener`, which must not throw, after each change. */
  onChange(listener: (change: Retyped) => void): void {
    this.#changes.add(listener);
  }

  /** The retyped metrics of a profile, by name: the map itself, so that it is always up to date. */
  of(profile: string | null): ReadonlyMap<string, FixedAt> {
    return this.#of(profile ?? NO_PROFILE);
  }

  /**
   * Gives a metric a type; the profile's own type takes back what was done before. Durable and audited when it
   * returns. To say what is so already changes nothing.
   * @throws FieldlineError `state_unwritable`, `state_damaged`
   */
  retype(profile: string, metric: string, type: ValueType, actor: Actor): Retyped {
    const { state, store, audit, profiles, now } = this.#options;
    const retyped = this.#of(profile);
    const before = retyped.get(metric);
    const stated = profiles.get(profile)?.metrics.get(metric)?.type;
    if ((before?.type ?? stated) === type) {
      return { profile, metric, type, fixedAt: before?.fixedAt ?? null };
    }
    const row: RetypedMetricRow = { profile, metric, type, fixedAt: now() };
    const isBack = stated === type;
    state.transaction(() => {
      if (isBack) store.remove(profile, metric);
      else store.save(row);
      audit.add({
        ...{
          at: row.fixedAt,
          actor: auditName(actor),
          address: actor.address,
          action: 'metric.retyped',
          subject: `profile:${profile}`,
        },
        details: { metric, type, before: before?.type ?? stated ?? null },
      });
    });
    if (isBack) retyped.delete(metric);
    else retyped.set(metric, row);
    const changed = { profile, metric, type, fixedAt: isBack ? null : row.fixedAt };
    this.#changes.tell(changed);
    return changed;
  }

  #of(profile: string): Map<string, FixedAt> {
    let metrics = this.#byProfile.get(profile);
    if (metrics === undefined) {
      metrics = new Map();
      this.#byProfile.set(profile, metrics);
    }
    return metrics;
  }
}
