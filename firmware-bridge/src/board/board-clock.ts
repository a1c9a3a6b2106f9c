import { UptimeClock } from '@fieldline/protocol';

/** A fall of the uptime by no more than this is a line that came late. */
const JITTER_MS = 1_000;
/** The counters of small boards are of 32 bits, and begin anew after 49.7 days. */
const WRAP_MS = 2 ** 32;
/** How well a counter that has wrapped goes on: lines are late, and a crystal is off by one part in a hundred at worst. */
const WRAP_SLACK_MS = 60_000;
const DRIFT = 0.01;

/**
 * Maps the uptime of a board to the wall clock. Only what was measured just now tells how late it is: readings that a
 * board has kept, and sends again, are placed by what others have told.
 */
export class BoardClock {
  #clock = new UptimeClock();
  #last: { readonly uptimeMs: number; readonly receivedMs: number } | undefined;

  /** Whether it was told anything yet. */
  get isSet(): boolean {
    return this.#last !== undefined;
  }

  /** Takes note of the uptime of this moment. One that has fallen, and not wrapped, is that of a board that started anew. */
  observe(uptimeMs: number, receivedMs: number): void {
    if (this.#hasRestarted(uptimeMs, receivedMs)) this.#clock = new UptimeClock();
    this.#last = { uptimeMs, receivedMs };
    this.#clock.observe(uptimeMs, receivedMs);
  }

  /**
   * The time of an uptime, whole milliseconds since 1970. Nothing was measured after it came, and where nothing is known,
   * it was measured then.
   */
  timeOf(uptimeMs: number, receivedMs: number): number {
    if (this.#last === undefined) return receivedMs;
    return Math.round(Math.min(receivedMs, this.#clock.toWallClock(uptimeMs)));
  }

  #hasRestarted(uptimeMs: number, receivedMs: number): boolean {
    const last = this.#last;
    if (last === undefined || uptimeMs >= last.uptimeMs - JITTER_MS) return false;
    const sinceLastMs = receivedMs - last.receivedMs;
    const error = uptimeMs + WRAP_MS - last.uptimeMs - sinceLastMs;
    return Math.abs(error) > WRAP_SLACK_MS + DRIFT * sinceLastMs;
  }
}

/** So many boots have a clock, the one that was heard last among them. */
const BOOTS = 4;

/**
 * The clocks of a board's boots. One with a name keeps its own while the cable is out, and while the board sends what an
 * earlier start has left; one without a name has a new one with each opening, since another board may be plugged in.
 */
export class BoardClocks {
  readonly #clocks = new Map<string, BoardClock>();

  opened(): void {
    this.#clocks.delete('');
  }

  /** @param boot undefined when the board has not named it */
  of(boot = ''): BoardClock {
    const clock = this.#clocks.get(boot) ?? new BoardClock();
    this.#clocks.delete(boot);
    this.#clocks.set(boot, clock);
    for (const oldest of this.#clocks.keys()) {
      if (this.#clocks.size <= BOOTS) break;
      this.#clocks.delete(oldest);
    }
    return clock;
  }

  /** The board has started anew under this name. */
  forget(boot: string): void {
    this.#clocks.delete(boot);
  }
}
