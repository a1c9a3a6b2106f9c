import { FRAME_END, readFrame, writeFrame } from '../../firmware-bridge/src/cobs/frame.js';
import { SerialCable } from './serial-cable.js';

type Message = Readonly<Record<string, unknown>>;

/** A board that speaks COBS frames over a line that may lose them: it keeps what is not acknowledged, and says from where. */
export class CobsBoard {
  readonly cable = new SerialCable();
  readonly heard: Message[] = [];
  sent = 0;
  acked = 0;
  /** Numbers whose frame is lost on its way, once each. */
  readonly lost = new Set<number>();
  /** Numbers of all frames that it said. */
  readonly said: number[] = [];
  readonly #bootedAt = performance.now() - 1_000;
  readonly #measuredAt: number[] = [];
  #rest = Buffer.alloc(0);

  async plug(): Promise<void> {
    await this.cable.plug();
    this.cable.board.input.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  /** Gives out the next `count` numbers and says them. */
  measure(count: number): void {
    for (let n = 0; n < count; n++) {
      this.#measuredAt[++this.sent] = this.#uptime;
      this.#reading(this.sent);
    }
  }

  #reading(seq: number): void {
    this.said.push(seq);
    if (this.lost.delete(seq)) return;
    this.say({ type: 'telemetry', boot: 'c1', seq, uptime: this.#measuredAt[seq], values: { n: seq } });
  }

  get #uptime(): number {
    return Math.round(performance.now() - this.#bootedAt);
  }

  say(message: Message): void {
    this.cable.say(writeFrame(message));
  }

  #receive(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let end = this.#rest.indexOf(FRAME_END); end !== -1; end = this.#rest.indexOf(FRAME_END)) {
      const read = readFrame(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end + 1);
      if (read !== undefined && 'message' in read) this.#hear(read.message);
    }
  }

  #hear(message: Message): void {
    this.heard.push(message);
    if (message.type === 'ack') this.acked = Math.max(this.acked, Number(message.seq));
    if (message.type === 'command') {
      this.say({ type: 'result', id: message.id, status: 'ok', result: { again: message.again ?? false } });
    }
    if (message.type !== 'hello') return;
    const oldest = this.acked + 1;
    this.say({
      type: 'hello',
      boot: 'c1',
      seq: this.sent,
      oldest,
      uptime: this.#uptime,
      caps: ['command'],
    });
    for (let seq = oldest; seq <= this.sent; seq++) this.#reading(seq);
  }
}
