import type { LogLevel } from '@fieldline/protocol';

/** Lines that wait while the hub is away: the newest. */
const WAITING = 100;
/** What goes to the hub: a board that talks all the time, or noise at a wrong baud rate, is no burden to it. */
const LINES_PER_SECOND = 20;
const BURST = 100;

/** A board's log on its way to the hub: bounded in number and in rate, and what is left out is counted. */
export class BoardLog {
  readonly #send: (level: LogLevel, text: string) => boolean;
  readonly #now: () => number;
  readonly #waiting: [level: LogLevel, text: string][] = [];
  #lines = BURST;
  #countedAtMs: number;
  #dropped = 0;

  /** @param send false where there is no connection */
  constructor(send: (level: LogLevel, text: string) => boolean, now: () => number = () => performance.now()) {
    this.#send = send;
    this.#now = now;
    this.#countedAtMs = now();
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(level: LogLevel, text: string): void {
    const nowMs = this.#now();
    this.#lines = Math.min(BURST, this.#lines + ((nowMs - this.#countedAtMs) / 1_000) * LINES_PER_SECOND);
    this.#countedAtMs = nowMs;
    if (this.#lines < 1) {
      this.#dropped++;
      return;
    }
    this.#lines--;
    if (this.#send(level, text)) return;
    this.#waiting.push([level, text]);
    if (this.#waiting.length > WAITING) {
      this.#waiting.shift();
      this.#dropped++;
    }
  }

  /** There is a connection: what waits goes. */
  flush(): void {
    for (const [level, text] of this.#waiting.splice(0)) this.#send(level, text);
  }
}
