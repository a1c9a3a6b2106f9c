import { crc32 } from 'node:zlib';
import { encodeCbor } from '@fieldline/protocol';
import { cobsEncode } from '../../firmware-bridge/src/cobs/cobs.js';
import { FRAME_END, readFrame, writeFrame } from '../../firmware-bridge/src/cobs/frame.js';
import { SerialCable } from './serial-cable.js';

type Message = Readonly<Record<string, unknown>>;

const TO_BREAK = 'to be broken';

/** A frame with a right check around a text that is not UTF-8. */
function brokenFrame(message: Message): Buffer {
  const cbor = encodeCbor(message);
  cbor[cbor.indexOf(TO_BREAK)] = 0xff;
  const check = Buffer.alloc(4);
  check.writeUInt32LE(crc32(cbor));
  return Buffer.concat([cobsEncode(Buffer.concat([cbor, check])), Buffer.of(FRAME_END)]);
}

/** A board that speaks COBS frames over a line that may lose them: it keeps what is not acknowledged, and says from where. */
export class CobsBoard {
  readonly cable = new SerialCable();
  readonly heard: Message[] = [];
  sent = 0;
  acked = 0;
  /** Numbers whose frame is lost on its way, once each. */
  readonly lost = new Set<number>();
  /** So many of its hellos are lost on their way. */
  lostHellos = 0;
  /** Numbers whose reading is none: a text that is not UTF-8, in a frame that is right otherwise. */
  readonly broken = new Set<number>();
  /** Numbers of all frames that it said. */
  readonly said: number[] = [];
  readonly #bootedAt = performance.now() - 3_600_000;
  readonly #measuredAt: number[] = [];
  #rest = Buffer.alloc(0);

  async plug(): Promise<void> {
    await this.cable.plug();
    this.cable.board.input.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  /** Gives out the next `count` numbers and says them. @param agoMs how long ago they were measured */
  measure(count: number, agoMs = 0): void {
    for (let n = 0; n < count; n++) {
      this.#measuredAt[++this.sent] = this.#uptime - agoMs;
      this.#reading(this.sent);
    }
  }

  #reading(seq: number): void {
    this.said.push(seq);
    if (this.lost.delete(seq)) return;
    const message = { type: 'telemetry', boot: 'c1', seq, uptime: this.#measuredAt[seq] };
    if (this.broken.has(seq)) this.cable.say(brokenFrame({ ...message, values: { note: TO_BREAK } }));
    else this.say({ ...message, values: { n: seq } });
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
    if (this.lostHellos > 0) this.lostHellos--;
    else
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
