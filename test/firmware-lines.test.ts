import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Pairs } from '../firmware-bridge/src/lines/line.js';
import { writeCommand } from '../firmware-bridge/src/lines/write-line.js';
import { linesFrom, type Message } from './kit/c-board.js';
import {
  batch,
  executions,
  expectAlike,
  flip,
  idOf,
  MOST_PARAMS,
  NEWLINE,
  runs,
  text,
} from './kit/c-commands.js';
import { canBuildHost, makeFirmware } from './kit/firmware.js';

const canRun = canBuildHost();

let echo: string;

beforeAll(async () => {
  if (canRun) echo = await makeFirmware('echo');
}, 300_000);

const plain = { checked: false, maxBytes: 1_024 };
const checked = { checked: true, maxBytes: 1_024 };

describe.runIf(canRun)('the C library, in lines', () => {
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
      boot: '9C1E4B7A',
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

/** Nine decimals; beyond what an integer of 64 bits holds seven digits. */
function alikeInText(got: unknown, wanted: unknown): boolean {
  if (typeof got !== 'number' || typeof wanted !== 'number') return got === wanted;
  const tolerance = Math.abs(wanted) < 2 ** 63 ? Math.abs(wanted) * 2 ** -50 + 1e-9 : Math.abs(wanted) * 1e-6;
  return Math.abs(got - wanted) <= tolerance;
}
