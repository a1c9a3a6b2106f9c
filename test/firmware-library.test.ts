import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cHeader, loadProfile } from '@fieldline/protocol';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFrame } from '../firmware-bridge/src/cobs/frame.js';
import type { Pairs } from '../firmware-bridge/src/lines/line.js';
import { writeCommand } from '../firmware-bridge/src/lines/write-line.js';
import { linesFrom, type Message, messagesFrom } from './kit/c-board.js';
import { canBuildArchitectures, canBuildHost, canFuzz, FIRMWARE, makeFirmware } from './kit/firmware.js';
import { ROOT } from './kit/hub-process.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const canRun = canBuildHost();

/** As `FL_PARAMS` of fieldline.h, which no test changes. */
const MOST_PARAMS = 8;
/** As `FL_ANSWERS`. */
const REMEMBERED = 16;
/** As `kept` of echo.c; before each reading its length and number take six bytes. */
const KEPT_BYTES = 4_096;
const KEPT_HEAD_BYTES = 6;
const BOOT = '9C1E4B7A';
const NEWLINE = 10;

let echo: string;

beforeAll(async () => {
  if (canRun) echo = await makeFirmware('echo');
}, 300_000);

const plain = { checked: false, maxBytes: 1_024 };
const checked = { checked: true, maxBytes: 1_024 };

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,12}$/).filter((text) => text !== 'time');
const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  // Beyond it the library's rounding of a text may already come to infinity.
  fc.double({ noNaN: true, min: -1e308, max: 1e308 }),
  fc.double({ noNaN: true, min: -1_000, max: 1_000 }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('"', '\\', ' ', '=', 'ü', '🌡', '*', '@'), maxLength: 12 }),
  )
  .filter((value) => !/\p{Cc}|\p{Cs}/u.test(value));
const value = fc.oneof(number, fc.boolean(), fc.constant(null), text);
const params = fc.dictionary(name, value, { maxKeys: MOST_PARAMS + 2, noNullPrototype: true });
const batch = fc.array(params, { minLength: 40, maxLength: 40 });
/** Every run is one process with a whole batch. */
const runs = { numRuns: 15 };

const idOf = (index: number) => `id${index}`;

describe.runIf(canRun)('in lines', () => {
  const said = (input: readonly Uint8Array[], speech: 'lines' | 'checks' = 'lines') =>
    linesFrom(echo, speech, input);

  it('it understands every command that the bridge writes, and the bridge every reading and result of it', () => {
    fc.assert(
      fc.property(batch, fc.boolean(), (all, isChecked) => {
        const format = isChecked ? checked : plain;
        const commands = all.map((each, index) =>
          writeCommand({ id: idOf(index), name: 'echo', params: each }, format),
        );
        const lines = said(commands, isChecked ? 'checks' : 'lines');
        all.forEach((each, index) => {
          // What one reading has no room for goes on in a second line.
          let reading: Pairs = {};
          while (lines[0]?.kind === 'reading') {
            const line = lines.shift() as { values: Pairs; uptimeMs?: number };
            expect(line.uptimeMs).toBe(1_000);
            reading = { ...reading, ...line.values };
          }
          const line = lines.shift();
          if (Object.keys(each).length > MOST_PARAMS) {
            expect(line).toEqual({
              kind: 'result',
              id: idOf(index),
              answer: { status: 'rejected', code: 'bad_params' },
            });
            return;
          }
          expect(line).toMatchObject({ kind: 'result', id: idOf(index), answer: { status: 'ok' } });
          expectAlike(reading, each, alikeInText);
          const { result = {} } = (line as { answer: { result?: Pairs } }).answer;
          for (const [key, got] of Object.entries(result)) expect(alikeInText(got, each[key])).toBe(true);
        });
        expect(lines).toEqual([]);
      }),
      runs,
    );
  });

  it('takes integers exactly, and holds others at their limits', () => {
    const integers = fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer()), {
      minLength: 200,
      maxLength: 200,
    });
    fc.assert(
      fc.property(integers, (all) => {
        const lines = said(
          all.map((n, i) => writeCommand({ id: idOf(i), name: 'whole', params: { n } }, plain)),
        );
        const results = lines.map(
          (line) => line.kind === 'result' && 'result' in line.answer && line.answer.result?.n,
        );
        expect(results).toEqual(all.map((n) => Math.min(Math.max(n, -(2 ** 31)), 2 ** 31 - 1)));
      }),
      runs,
    );
  });

  it('executes an id once for as long as it is among the last sixteen', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 300, maxLength: 300 }), (ids) => {
        const lines = said(ids.map((id) => writeCommand({ id: idOf(id), name: 'count' }, plain)));
        expect(lines.map((line) => line.kind === 'result' && line.answer)).toEqual(
          executions(ids).map((executed) => ({ status: 'ok', result: { executed } })),
        );
      }),
      runs,
    );
  });

  it('says with a code and a message why not, cut to what it has room for', () => {
    const refusal = fc.record({ code: fc.stringMatching(/^[a-z0-9_.-]{1,20}$/), message: text });
    fc.assert(
      fc.property(fc.array(refusal, { minLength: 50, maxLength: 50 }), (all) => {
        const lines = said(
          all.map((each, i) => writeCommand({ id: idOf(i), name: 'fail', params: each }, plain)),
        );
        expect(lines).toEqual(
          all.map((each, i) => ({ kind: 'result', id: idOf(i), answer: { status: 'error', ...each } })),
        );
      }),
      runs,
    );
  });

  it('executes nothing for a line that was spoilt, and the next one all the same', () => {
    const spoilt = fc.array(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 3 }), {
      minLength: 100,
      maxLength: 100,
    });
    fc.assert(
      fc.property(spoilt, (places) => {
        const input = places.flatMap((bits, i) => [
          flip(writeCommand({ id: `bad${i}`, name: 'count', params: { on: true } }, checked), bits, NEWLINE),
          writeCommand({ id: `good${i}`, name: 'count' }, checked),
        ]);
        const lines = said(input, 'checks');
        expect(lines.map((line) => line.kind === 'result' && [line.id, line.answer])).toEqual(
          places.map((_, i) => [`good${i}`, { status: 'ok', result: { executed: i + 1 } }]),
        );
      }),
      runs,
    );
  });

  it('comes through noise and lines of any length', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1_000, max: 3_000 }).map((length) => new Uint8Array(length).fill(0x55)),
    );
    fc.assert(
      fc.property(fc.array(noise, { minLength: 60, maxLength: 60 }), (all) => {
        const input = all.flatMap((bytes, i) => [
          // A `?` alone in a line is a question, and is answered.
          Buffer.from(bytes.map((byte) => (byte === 0x3f ? 0x2e : byte))),
          Buffer.from('\n'),
          writeCommand({ id: idOf(i), name: 'count' }, checked),
        ]);
        const lines = said(input, 'checks');
        expect(lines.map((line) => line.kind === 'result' && line.id)).toEqual(all.map((_, i) => idOf(i)));
      }),
      runs,
    );
  });

  it('says hello when it is asked, and begins a command whose end comes later', () => {
    const lines = said([
      Buffer.from('?\n'),
      writeCommand({ id: 'a', name: 'begin' }, plain),
      writeCommand({ id: 'b', name: 'end' }, plain),
      writeCommand({ id: 'c', name: 'end' }, plain),
      writeCommand({ id: 'a', name: 'begin' }, plain),
    ]);
    const { message } = lines[0] as { message: Message };
    expect(message).toEqual({
      type: 'hello',
      boot: BOOT,
      firmware: 'echo 1',
      profile: 'env-sensor',
      caps: ['command'],
      rxMax: 1_024,
      uptime: 1_000,
    });
    expect(
      lines.slice(1).map((line) => line.kind === 'result' && [line.id, line.answer.status, line.answer]),
    ).toMatchObject([
      ['a', 'accepted', {}],
      ['a', 'ok', { result: { steps: -200 } }],
      ['b', 'ok', {}],
      ['c', 'error', { code: 'nothing_begun' }],
      ['a', 'ok', { result: { steps: -200 } }],
    ]);
  });
});

describe.runIf(canRun)('in frames', () => {
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

it.runIf(canRun)('passes the unit tests of its own', () => makeFirmware('unit'), 120_000);

it.runIf(canFuzz())('is fuzzed for a while, and breaks nothing', () => makeFirmware('fuzz'), 120_000);

it.runIf(canBuildArchitectures())(
  'is compiled without a warning for AVR, Cortex-M, RISC-V and the ESP8266, in each of its forms',
  () => makeFirmware('architectures'),
  120_000,
);

describe.runIf(canRun)('the header of a profile', () => {
  it.each(['cold-room', 'env-sensor', 'power-meter', 'pump', 'soil-probe'])(
    'is C without a warning, and fits the library: %s',
    async (name) => {
      const { document } = loadProfile(readFileSync(`${ROOT}profiles/${name}.yaml`, 'utf8'), name);
      const header = cHeader(document);
      const prefix = name.toUpperCase().replaceAll('-', '_');
      const handlers = [...header.matchAll(/^void (\w+)\(fl_call/gm)].map(
        ([, handler]) => `void ${handler}(fl_call *call, void *user) { (void)call; (void)user; }`,
      );
      const commands = `static const fl_command commands[] = ${prefix}_COMMANDS;`;
      const metrics = Object.keys(document.metrics);
      const directory = tempDir('c-header');
      try {
        writeFileSync(join(directory.path, 'profile.h'), header);
        writeFileSync(
          join(directory.path, 'main.c'),
          [
            '#include "profile.h"',
            '#include "profile.h"',
            '#include <stdio.h>',
            ...handlers,
            `static const char *const names[${prefix}_METRICS] = ${prefix}_METRIC_NAMES;`,
            ...(handlers.length === 0 ? [] : [commands]),
            'int main(void) {',
            `  for (size_t i = 0; i < ${prefix}_METRICS; i++) puts(names[i]);`,
            ...(handlers.length === 0
              ? []
              : [`  for (size_t i = 0; i < ${prefix}_COMMAND_COUNT; i++) puts(commands[i].name);`]),
            '  return 0;',
            '}',
          ].join('\n'),
        );
        const program = join(directory.path, 'main');
        const strict = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${FIRMWARE}/src`];
        await run('gcc', [...strict, join(directory.path, 'main.c'), '-o', program]);
        const said = (await run(program, [])).trimEnd().split('\n');
        expect(said).toEqual([...metrics, ...Object.keys(document.commands ?? {})]);
      } finally {
        directory.remove();
      }
    },
  );
});

/** Which execution each request is answered with. */
function executions(ids: readonly number[]): number[] {
  return memoryOf(ids.map((id) => ({ id, again: false }))) as number[];
}

/** As {@link executions}; undefined for what comes again and is not remembered. */
function memoryOf(all: readonly { id: number; again: boolean }[]): (number | undefined)[] {
  const memory: { id: number; executed: number }[] = [];
  let executed = 0;
  return all.map(({ id, again }) => {
    const known = memory.find((each) => each.id === id);
    if (known !== undefined || again) return known?.executed;
    executed += 1;
    memory.push({ id, executed });
    if (memory.length > REMEMBERED) memory.shift();
    return executed;
  });
}

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

/** Nine decimals; beyond what an integer of 64 bits holds seven digits. */
function alikeInText(got: unknown, wanted: unknown): boolean {
  if (typeof got !== 'number' || typeof wanted !== 'number') return got === wanted;
  const tolerance = Math.abs(wanted) < 2 ** 63 ? Math.abs(wanted) * 2 ** -50 + 1e-9 : Math.abs(wanted) * 1e-6;
  return Math.abs(got - wanted) <= tolerance;
}

function expectAlike(got: Pairs, wanted: Pairs, isAlike: (a: unknown, b: unknown) => boolean): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(wanted).sort());
  for (const [key, each] of Object.entries(wanted)) {
    expect(isAlike(got[key], each), `${key}: ${got[key]} for ${each}`).toBe(true);
  }
}

/**
 * Flips bits, but not those of the byte that ends the line or frame. The digits of a line's check are left alone, too,
 * since they may be of either case. @param end that byte
 */
function flip(bytes: Buffer, bits: readonly number[], end: number): Buffer {
  const spoilt = Buffer.from(bytes);
  const spared = end === NEWLINE ? 5 : 1;
  for (const bit of new Set(bits.map((each) => each % ((bytes.length - spared) * 8)))) {
    spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
  }
  return spoilt;
}
