import type { DecodedTelemetry, Hello, LogLevel } from '@fieldline/protocol';
import type { Outgoing } from '../queue/queue.js';
import { BoardClocks } from './board-clock.js';
import type { LostNumber } from './board-codec.js';
import type { BoardNumbers } from './board-numbers.js';
import type { BoardCounts } from './counts.js';
import type { Need } from './hello-question.js';
import { KnownBoots } from './known-boots.js';
import { Receipts } from './receipts.js';
import { telemetryBody } from './telemetry-body.js';
import { unfitNumbers } from './unfit-numbers.js';

/** What the readings of a board need around them. */
export interface BoardReadingsOptions {
  readonly numbers: BoardNumbers;
  readonly counts: BoardCounts;
  /** Resolves once the message is on the disk. */
  keep(message: Outgoing): Promise<void>;
  /** Writes a message to the board: the first of these that it has room for. */
  tell(...messages: object[]): void;
  log(level: LogLevel, text: string): void;
  warn(kind: string, message: string): void;
  /** What a hello is needed for may be another thing now, without anything being heard. */
  needChanged(): void;
  /** The board may have started anew: a hello would tell. */
  doubt(): void;
  now(): number;
}

/**
 * Takes the readings of a board: dates them, has them kept, and acknowledges those that the board has numbered. Those of
 * one opening have to be introduced by a hello, or have no number.
 */
export class BoardReadings {
  readonly #options: BoardReadingsOptions;
  readonly #receipts: Receipts;
  readonly #boots = new KnownBoots();
  readonly #clocks = new BoardClocks();

  constructor(options: BoardReadingsOptions) {
    this.#options = options;
    this.#receipts = new Receipts({
      numbers: options.numbers,
      acknowledge: (boot, seq) => options.tell({ type: 'ack', boot, seq }),
      refused: () => options.needChanged(),
    });
  }

  /** The port was opened. */
  opened(): void {
    this.#boots.opened();
    this.#clocks.opened();
  }

  /**
   * The board has said hello.
   * @param oldest its number of the oldest reading that it still has, as it says
   * @returns whether it has started anew under a boot's name that was used before
   */
  greeted({ boot, seq, uptime }: Hello, oldest: unknown): boolean {
    const isReused = boot !== undefined && this.#receipts.greeted(boot, seq, oldest);
    if (isReused) this.#clocks.forget(boot);
    this.#boots.greeted(boot);
    if (uptime !== undefined) this.observe(uptime);
    return isReused;
  }

  /** The board has told the uptime of this moment. */
  observe(uptimeMs: number): void {
    this.#clocks.of(this.#boots.current).observe(uptimeMs, this.#options.now());
  }

  /** What a hello is needed for. */
  get need(): Need | undefined {
    const { current, isAwaited, hasGreeted } = this.#boots;
    if (isAwaited) return 'numbers';
    if (!hasGreeted) return 'name';
    return current !== undefined && this.#options.numbers.hasGap(current) ? 'missing' : undefined;
  }

  /** A reading as it was measured just now, or at this uptime. */
  reading(values: Readonly<Record<string, unknown>>, uptimeMs?: number): void {
    const { counts, now } = this.#options;
    const receivedMs = now();
    counts.readings++;
    this.#noteUnfit({ values });
    if (uptimeMs !== undefined) this.observe(uptimeMs);
    const clock = this.#clocks.of(this.#boots.current);
    const time = uptimeMs === undefined ? receivedMs : clock.timeOf(uptimeMs, receivedMs);
    this.#keep({ row: { time, values: JSON.stringify(values) } }).catch(() => undefined);
  }

  telemetry(message: DecodedTelemetry): void {
    const { counts, now, numbers } = this.#options;
    const { seq } = message;
    if (seq !== undefined && this.#boots.mustWait(message.boot, now())) {
      counts.dropped.before_hello++;
      return;
    }
    const boot = message.boot ?? this.#boots.current;
    const clock = this.#clocks.of(boot);
    const bodyOf = (isLive: boolean) => telemetryBody(message, { receivedMs: now(), clock, isLive });
    if (seq === undefined || boot === undefined) {
      counts.readings++;
      this.#noteUnfit(message);
      this.#keep({ body: bodyOf(true) }).catch(() => undefined);
      return;
    }
    // What an earlier start has left is old, whatever its number.
    const isLive = boot === (this.#boots.current ?? boot) && numbers.isNewest(boot, seq);
    const standing = this.#receipts.take(boot, seq, (name) => {
      return this.#keep({ body: bodyOf(isLive), number: { boot: name, seq } });
    });
    if (standing === 'ahead') counts.dropped.ahead++;
    else if (standing === 'duplicate') {
      counts.duplicates++;
      // Its number may be one of a start that has said hello into a noise.
      if (message.boot === undefined || numbers.isLongAgo(boot, seq)) this.#options.doubt();
    } else {
      counts.readings++;
      this.#noteUnfit(message);
    }
  }

  /**
   * A message came that is none. Where its number is known the board is told, and the number is given up: it would not be
   * better the next time.
   */
  giveUp(code: 'malformed' | 'unknown_type', message: string, { seq, boot: named }: LostNumber): void {
    const { tell, now } = this.#options;
    if (this.#boots.mustWait(named, now())) return;
    const boot = named ?? this.#boots.current;
    if (boot === undefined) return;
    tell({ type: 'error', code, message, seq, fatal: false }, { type: 'error', code, seq, fatal: false });
    this.#receipts.giveUp(boot, seq);
  }

  /** JSON has no infinity, and no number that is none: the hub gets `null`, so that it is told here (protocol §1.2 "Rejects"). */
  #noteUnfit(message: DecodedTelemetry): void {
    const { counts, log, tell } = this.#options;
    for (const [metric, count] of unfitNumbers(message)) {
      counts.dropped.bad_value += count;
      log('warn', `${metric}: bad_value, a number that is not finite`);
      const reject = { type: 'reject', seq: message.seq, code: 'bad_value', metric, row: 0, count };
      if (message.seq !== undefined) tell(reject);
    }
  }

  async #keep(message: Outgoing): Promise<void> {
    const { counts, keep, warn } = this.#options;
    try {
      await keep(message);
    } catch (error) {
      counts.refused++;
      warn('refused', `a reading is not taken: ${(error as Error).message}`);
      throw error;
    }
  }
}
