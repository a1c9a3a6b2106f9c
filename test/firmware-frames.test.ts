import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { cobsEncode } from '../firmware-bridge/src/cobs/cobs.js';
import { writeFrame } from '../firmware-bridge/src/cobs/frame.js';
import { loadConfig } from '../firmware-bridge/src/config/load-config.js';
import type { Pairs } from '../firmware-bridge/src/lines/line.js';
import { messagesFrom } from './kit/c-board.js';
import { batch, expectAlike, flip, idOf, MOST_PARAMS, memoryOf, runs } from './kit/c-commands.js';
import { canBuildHost, FIRMWARE, makeFirmware } from './kit/firmware.js';

/** As `kept` of echo.c; before each reading its length and number take six bytes. */
const KEPT_BYTES = 4_096;
const KEPT_HEAD_BYTES = 6;
const BOOT = '9C1E4B7A';

const canRun = canBuildHost();

let echo: string;

beforeAll(async () => {
  if (canRun) echo = await makeFirmware('echo');
}, 300_000);

describe.runIf(canRun)('the C library, in frames', () => {
  const said = (messages: readonly object[], stepMs = 0) =>
    messagesFrom(
      echo,
      messages.map((message) => writeFrame(message)),
      stepMs,
    );
  const command = (id: string, called: string, rest: object = {}) => ({
    type: 'command',
    id,
    name: called,
    ...rest,
  });

  it('it understands every command that the bridge writes, and the bridge every reading and result of it', () => {
    fc.assert(
      fc.property(batch, (all) => {
        const messages = said(all.map((each, index) => command(idOf(index), 'echo', { params: each })));
        let seq = 0;
        all.forEach((each, index) => {
          const count = Object.keys(each).length;
          const isTooMany = count > MOST_PARAMS;
          if (count > 0 && !isTooMany) {
            const { values, ...rest } = messages.shift() ?? {};
            expect(rest).toEqual({ type: 'telemetry', boot: BOOT, seq: ++seq, uptime: 1_000 });
            expectAlike(values as Pairs, each, (a, b) => a === b);
          }
          const { result = {}, ...rest } = messages.shift() ?? {};
          expect(rest).toEqual({
            type: 'result',
            id: idOf(index),
            ...(isTooMany ? { status: 'rejected', code: 'bad_params' } : { status: 'ok' }),
          });
          for (const [key, got] of Object.entries(result as Pairs)) expect(got === each[key]).toBe(true);
        });
        expect(messages).toEqual([]);
      }),
      runs,
    );
  });

  it('writes and reads frames of every length around that of a full block', () => {
    // 254 bytes without a zero are a block of their own; of each length there are several, with other checks.
    const texts = Array.from({ length: 400 }, (_, i) =>
      String.fromCharCode(97 + (i % 26)).repeat(180 + (i % 77)),
    );
    const messages = said(texts.map((each, i) => command(idOf(i), 'echo', { params: { t: each } })));
    expect(messages.filter(({ type }) => type === 'telemetry').map(({ values }) => values)).toEqual(
      texts.map((t) => ({ t })),
    );
  });

  it('writes no frame that the bridge would not take unless it is told to', () => {
    const header = readFileSync(`${FIRMWARE}/src/fieldline.h`, 'utf8');
    const most = Number(/#define FL_FRAME_BYTES (\d+)/.exec(header)?.[1]);
    const flags = { path: '/dev/ttyUSB0', framing: 'cobs', device: 'board', token: 'fld_token' };
    const { ports } = loadConfig({ file: undefined, flags }, {});
    // The check's four bytes, and no zero among them: then COBS makes the most of it.
    const longest = cobsEncode(Buffer.alloc(most + 4, 1)).length;
    expect(ports[0]?.maxLineBytes).toBeGreaterThanOrEqual(longest);
  });

  it('executes an id once for as long as it is among the last sixteen, and nothing that comes again', () => {
    const asked = fc.record({ id: fc.integer({ min: 0, max: 24 }), again: fc.boolean() });
    fc.assert(
      fc.property(fc.array(asked, { minLength: 300, maxLength: 300 }), (all) => {
        const messages = said(all.map(({ id, again }) => command(idOf(id), 'count', again ? { again } : {})));
        const expected = memoryOf(all).map((executed) =>
          executed === undefined
            ? { status: 'error', code: 'unknown_id' }
            : { status: 'ok', result: { executed } },
        );
        expect(messages).toEqual(all.map(({ id }, i) => ({ type: 'result', id: idOf(id), ...expected[i] })));
      }),
      runs,
    );
  });

  it('keeps readings until they are acknowledged, drops the oldest when it must, and sends the rest again', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('reading'), text: fc.string({ maxLength: 240 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('ack'), behind: fc.integer({ min: -2, max: 60 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('hello', 'others', 'late') }) },
    ) as fc.Arbitrary<{ kind: string; text?: string; behind?: number }>;
    fc.assert(
      fc.property(fc.array(step, { minLength: 200, maxLength: 200 }), fc.boolean(), (steps, isSlow) => {
        const ring = new Ring(isSlow);
        const sent = steps.map((each, i) => ring.step(each, idOf(i)));
        const telemetry = said(sent, isSlow ? 2_000 : 0).filter(({ type }) => type !== 'result');
        expect(telemetry.map(({ type, seq, oldest }) => (type === 'hello' ? { seq, oldest } : seq))).toEqual(
          ring.expected,
        );
      }),
      runs,
    );
  });

  it('reports a configuration, and tells its version in the hello', () => {
    const messages = said([
      { type: 'hello' },
      { type: 'config', version: 7, desired: { interval: 5_000, mode: 'eco', on: true } },
      { type: 'config', version: 8, desired: { interval: { no: 'value' } } },
      { type: 'config', desired: { interval: 1 } },
      { type: 'hello' },
    ]);
    expect(messages).toEqual([
      expect.not.objectContaining({ config: expect.anything() }),
      { type: 'config', version: 7, ok: true, reported: { interval: 5_000, mode: 'eco', on: true } },
      { type: 'config', version: 8, ok: false, code: 'bad_params' },
      expect.objectContaining({ type: 'hello', config: 7, caps: ['command', 'config'], oldest: 1 }),
    ]);
  });

  it('executes nothing for a frame that was spoilt, and the next one all the same', () => {
    const spoilt = fc.array(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 3 }), {
      minLength: 100,
      maxLength: 100,
    });
    fc.assert(
      fc.property(spoilt, (places) => {
        const input = places.flatMap((bits, i) => [
          flip(writeFrame(command(`bad${i}`, 'count')), bits, 0),
          writeFrame(command(`good${i}`, 'count')),
        ]);
        expect(messagesFrom(echo, input)).toEqual(
          places.map((_, i) => ({
            type: 'result',
            id: `good${i}`,
            status: 'ok',
            result: { executed: i + 1 },
          })),
        );
      }),
      runs,
    );
  });

  it('comes through noise and frames of any length, and through messages that it does not know', () => {
    const strange = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.concat([bytes, Buffer.of(0)])),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })).map((map) => writeFrame(map)),
      fc.jsonValue().map((any) => writeFrame({ type: 'command', id: 'x', name: any, params: any })),
      fc.jsonValue().map((any) => writeFrame({ type: 'ack', boot: BOOT, seq: any })),
    );
    fc.assert(
      fc.property(fc.array(strange, { minLength: 60, maxLength: 60 }), (all) => {
        const input = all.flatMap((bytes, i) => [bytes, writeFrame(command(idOf(i), 'count'))]);
        const counted = messagesFrom(echo, input).filter(
          ({ id, result }) => id !== 'x' && result !== undefined,
        );
        expect(counted.map(({ id }) => id)).toEqual(all.map((_, i) => idOf(i)));
      }),
      runs,
    );
  });
});

/** What a board keeps and says, as it should be. */
class Ring {
  readonly expected: unknown[] = [];
  #kept: { seq: number; bytes: number }[] = [];
  #seq = 0;

  /** @param isSlow two seconds pass with each message, after which what is kept is sent again */
  constructor(private readonly isSlow: boolean) {}

  /** The message of this step. */
  step({ kind, text, behind }: { kind: string; text?: string; behind?: number }, id: string): object {
    const message = this.#step(kind, id, text, behind);
    if (this.isSlow) this.#sendAgain();
    return message;
  }

  #step(kind: string, id: string, text = '', behind = 0): object {
    if (kind === 'reading') {
      this.#keep(text);
      return { type: 'command', id, name: 'echo', params: { text } };
    }
    if (kind === 'hello') {
      this.expected.push({ seq: this.#seq, oldest: this.#kept[0]?.seq ?? this.#seq + 1 });
      this.#sendAgain();
      return { type: 'hello' };
    }
    const seq = Math.max(0, this.#seq - behind);
    if (kind === 'others') return { type: 'ack', boot: '00000000', seq };
    if (kind === 'ack') this.#kept = this.#kept.filter((each) => each.seq > seq);
    return { type: 'ack', boot: BOOT, seq: kind === 'ack' ? seq : 0 };
  }

  #keep(text: string): void {
    this.#seq += 1;
    const textBytes = Buffer.byteLength(text);
    // A prefix that always has the same length, the name `text`, and the text with its head.
    const bytes = KEPT_HEAD_BYTES + 60 + 5 + (textBytes < 24 ? 1 : 2) + textBytes;
    const size = () => this.#kept.reduce((sum, each) => sum + each.bytes, 0);
    while (size() + bytes > KEPT_BYTES) this.#kept.shift();
    this.#kept.push({ seq: this.#seq, bytes });
    this.expected.push(this.#seq);
  }

  #sendAgain(): void {
    this.expected.push(...this.#kept.map(({ seq }) => seq));
  }
}
