import type { SinkError } from '../sink.js';
import type { Piece, Refused, Send } from './sift.js';

/** Failures of the same batch in a row, all of them of the kind that lines may be at fault for. */
const SUSPECT_AFTER = 4;
/** Errors in a row, without a success between them, after which it is the server that is broken. */
const MAX_FAILURES = 32;
/** More lines than this are not given up for an error that InfluxDB does not explain. */
const MAX_GIVEN_UP = 8;

/**
 * Tells a line that breaks the server from a server that is broken. Telegraf once saw a conflict arrive as a plain
 * 500: a batch that meets it again and again is sifted, as if the lines were refused. A line is given up only when
 * it fails twice while another one, sent right after it, is written: a server that is out of order (its disk,
 * say) must not send the log to the quarantine.
 */
export class Doubt {
  #batch = Number.NaN;
  #failures = 0;

  /** A batch failed. `suspect` as {@link classify} has it. @param first offset of its first reading */
  failed(first: number, suspect: boolean): void {
    if (first !== this.#batch || !suspect) this.#failures = 0;
    this.#batch = first;
    if (suspect) this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Whether the batch itself is suspected. */
  isUpon(first: number): boolean {
    return first === this.#batch && this.#failures >= SUSPECT_AFTER;
  }
}

/** Sends lines of a suspected batch: what fails looks refused, until it is confirmed. */
export class DoubtfulSend {
  readonly #send: Send;
  #failures = 0;
  /** What was written last. */
  #good: Uint8Array | undefined;
  #error: SinkError | undefined;

  constructor(send: Send) {
    this.#send = send;
  }

  readonly send: Send = async (lines) => {
    const verdict = await this.#send(lines);
    if (verdict.kind === 'written') {
      this.#good = lines;
      this.#failures = 0;
    }
    if (verdict.kind !== 'failed' || !verdict.suspect) return verdict;
    this.#error = verdict.error;
    if (++this.#failures > MAX_FAILURES) throw verdict.error;
    const reason = verdict.error.message;
    return { kind: 'refused', reason, dropped: 0, isWholePoint: false, isDoubtful: true };
  };

  /**
   * Those of the refused pieces that are refused for certain.
   * @throws SinkError when it is the server
   */
  async confirm<P extends Piece>(refused: readonly Refused<P>[]): Promise<Refused<P>[]> {
    const certain: Refused<P>[] = [];
    const doubtful = refused.filter(({ isDoubtful }) => isDoubtful);
    if (this.#error !== undefined && doubtful.length > MAX_GIVEN_UP) throw this.#error;
    for (const one of refused) {
      if (!one.isDoubtful || (await this.#failsAlone(one.piece.bytes))) certain.push(one);
    }
    return certain;
  }

  async #failsAlone(line: Uint8Array): Promise<boolean> {
    const again = await this.#send(line);
    if (again.kind === 'written') return false;
    if (again.kind === 'refused') return true;
    if (this.#good !== undefined && (await this.#send(this.#good)).kind === 'written') return true;
    throw again.kind === 'too-large' ? this.#error : again.error;
  }
}
