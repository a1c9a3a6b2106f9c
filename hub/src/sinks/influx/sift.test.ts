import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SinkError } from '../sink.js';
import type { Verdict } from './classify.js';
import { type Piece, sift } from './sift.js';

interface Numbered extends Piece {
  readonly n: number;
}

/** A server that refuses some lines, writes the others, and tells how many it dropped, or not. */
class Server {
  requests = 0;
  readonly written = new Set<number>();
  readonly #refuses: (n: number) => boolean;
  readonly #tells: boolean;
  readonly #most: number;

  constructor(refuses: (n: number) => boolean, { tells = true, most = Number.POSITIVE_INFINITY } = {}) {
    this.#refuses = refuses;
    this.#tells = tells;
    this.#most = most;
  }

  readonly send = async (lines: Uint8Array): Promise<Verdict> => {
    this.requests++;
    const numbers = Buffer.from(lines).toString().trimEnd().split('\n').map(Number);
    if (numbers.length > this.#most) return { kind: 'too-large', reason: 'too large' };
    const bad = numbers.filter(this.#refuses);
    if (bad.length === 0) {
      for (const n of numbers) this.written.add(n);
      return { kind: 'written' };
    }
    return {
      kind: 'refused',
      reason: `bad: ${bad[0]}`,
      dropped: this.#tells ? bad.length : 0,
      isWholePoint: false,
    };
  };
}

function pieces(count: number): Numbered[] {
  return Array.from({ length: count }, (_, n) => ({ n, bytes: Buffer.from(`${n}\n`) }));
}

test('exactly what is refused is found, and everything else is confirmed as written', async () => {
  const bad = fc.array(fc.nat({ max: 99 }), { maxLength: 30 });
  const options = fc.record({ tells: fc.boolean(), most: fc.constantFrom(1, 7, 1_000) });
  await fc.assert(
    fc.asyncProperty(bad, fc.integer({ min: 0, max: 100 }), options, async (bad, count, options) => {
      const server = new Server((n) => bad.includes(n), options);
      const refused = await sift(pieces(count), server.send);
      const expected = [...new Set(bad)].filter((n) => n < count).sort((a, b) => a - b);
      expect(refused.map(({ piece }) => piece.n)).toEqual(expected);
      expect(server.written.size).toBe(count - expected.length);
      if (!options.tells) for (const { piece, reason } of refused) expect(reason).toBe(`bad: ${piece.n}`);
    }),
  );
});

test('one bad line of 5,000 costs few requests', async () => {
  for (const tells of [true, false]) {
    for (const at of [0, 2_500, 3_333, 4_999]) {
      const server = new Server((n) => n === at, { tells });
      expect(await sift(pieces(5_000), server.send)).toMatchObject([{ piece: { n: at } }]);
      expect(server.requests).toBeLessThanOrEqual(27);
    }
  }
});

test('one answer is enough where all lines are dropped', async () => {
  const server = new Server(() => true);
  expect(await sift(pieces(5_000), server.send)).toHaveLength(5_000);
  expect(server.requests).toBe(1);
  const known = { kind: 'refused', reason: 'all', dropped: 10, isWholePoint: true } as const;
  expect(await sift(pieces(10), server.send, known)).toHaveLength(10);
  expect(server.requests).toBe(1);
});

test('a request that was too large is cut, and nothing is refused for it', async () => {
  const server = new Server(() => false, { most: 300 });
  expect(await sift(pieces(1_000), server.send, 'too-large')).toEqual([]);
  expect(server.written.size).toBe(1_000);
});

test('a line that was refused only beside others is not refused', async () => {
  // As two lines that disagree about a field that neither had before.
  let refusals = 1;
  const server = new Server(() => refusals-- > 0);
  expect(await sift(pieces(2), server.send)).toEqual([]);
});

test('other failures end it', async () => {
  const error = new SinkError('network', 'gone');
  const send = async (): Promise<Verdict> => ({ kind: 'failed', error, suspect: false });
  await expect(sift(pieces(3), send)).rejects.toBe(error);
});
