import type { AlarmChannelName, AlarmQuiet, AlarmView } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../commands/ledger.js';
import { FieldlineError } from '../errors.js';
import type { AlarmQuiets } from '../state/alarm-quiets.js';
import type { AlarmedLimit } from '../state/alarms.js';
import { type Audit, auditName } from '../state/audit.js';
import type { StateFile } from '../state/state-file.js';

export interface QuietsOptions {
  readonly state: StateFile;
  readonly store: AlarmQuiets;
  readonly audit: Audit;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
  /** The alarms of a limit that are raised now and that nobody has acknowledged. */
  readonly unseen: (limit: AlarmedLimit) => readonly AlarmView[];
  /** Notes that people are to be called for these; in the transaction that ends the quiet. */
  readonly call: (alarms: readonly AlarmView[]) => void;
}

const TICK_MS = 1_000;
/** More limits than these are no exceptions: their profile wants another limit. */
const MOST = 1_000;

const keyOf = ({ device, metric, level }: AlarmedLimit): string => `${device} ${metric ?? ''} ${level}`;

/** Machines are told everything, people only what is not quiet. */
export const callsPeople = (channel: AlarmChannelName): boolean => channel !== 'mqtt';

/**
 * Limits of devices that nobody is called about for a while: a door that flaps while it is being mended. Alarms are
 * raised and shown as ever. What is still raised and unseen at the end of it is called for then, also what people had
 * been called for before: quiet postpones, and hides nothing for good, also over a restart.
 */
export class Quiets {
  readonly #options: QuietsOptions;
  readonly #quiets = new Map<string, AlarmQuiet>();
  #timer: NodeJS.Timeout | undefined;
  #isFailing = false;

  constructor(options: QuietsOptions) {
    this.#options = options;
  }

  open(): void {
    const { store, log } = this.#options;
    const damaged = (error: unknown) =>
      log.warn({ err: error }, 'a quiet alarm cannot be read: people are called');
    for (const quiet of store.all(damaged)) this.#quiets.set(keyOf(quiet), quiet);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Those in force, the one that ends first before the others. */
  list(): AlarmQuiet[] {
    return [...this.#quiets.values()].sort((a, b) => a.until - b.until);
  }

  /** Whether people are not to be called for this alarm: it was raised while its limit is quiet. */
  holds(alarm: AlarmView): boolean {
    const quiet = this.#quiets.get(keyOf(alarm));
    return quiet !== undefined && (alarm.raisedSeenAt ?? quiet.from) >= quiet.from;
  }

  /**
   * Calls nobody for the limit of this alarm for so long from now on; where it is quiet already, its end moves.
   * @throws FieldlineError `too_many_quiet` 409
   */
  begin(alarm: AlarmView, forMs: number, actor: Actor): AlarmQuiet {
    const { state, store, audit, now } = this.#options;
    const { id, device, metric, level } = alarm;
    const before = this.#quiets.get(keyOf(alarm));
    if (before === undefined && this.#quiets.size >= MOST) {
      throw new FieldlineError('too_many_quiet', `Only ${MOST} limits can be quiet at a time.`, {
        status: 409,
      });
    }
    const at = now();
    const quiet = { device, metric, level, from: before?.from ?? at, until: at + forMs, by: actor.name };
    state.transaction(() => {
      store.put(quiet);
      audit.add({
        ...{ at, actor: auditName(actor), address: actor.address, action: 'alarm.quieted' },
        ...{ subject: `alarm:${id}`, details: { device, metric, level, until: quiet.until } },
      });
    });
    this.#quiets.set(keyOf(quiet), quiet);
    return quiet;
  }

  /** Ends it before its time. Nothing happens where it is not quiet. */
  end(alarm: AlarmView, actor: Actor): void {
    const quiet = this.#quiets.get(keyOf(alarm));
    if (quiet === undefined) return;
    const { audit, now } = this.#options;
    this.#over(quiet, () => {
      const { device, metric, level } = quiet;
      audit.add({
        ...{ at: now(), actor: auditName(actor), address: actor.address, action: 'alarm.quiet_ended' },
        ...{ subject: `alarm:${alarm.id}`, details: { device, metric, level } },
      });
    });
  }

  #tick(): void {
    const now = this.#options.now();
    try {
      for (const quiet of this.#quiets.values()) if (quiet.until <= now) this.#over(quiet, () => {});
      this.#isFailing = false;
    } catch (error) {
      // A full disk, say. The next tick tries again; until then it stays quiet.
      if (!this.#isFailing)
        this.#options.log.warn({ err: error }, 'the end of a quiet alarm could not be kept');
      this.#isFailing = true;
    }
  }

  /** People are called for what is raised, whenever that was, and was seen by nobody. */
  #over(quiet: AlarmQuiet, note: () => void): void {
    const { state, store, unseen, call } = this.#options;
    state.transaction(() => {
      store.remove(quiet);
      call(unseen(quiet));
      note();
    });
    this.#quiets.delete(keyOf(quiet));
  }
}
