import { expect, test } from 'vitest';
import { SinkError } from '../sink.js';
import { Doubt, DoubtfulSend } from './doubt.js';
import { type Piece, sift } from './sift.js';

const broken = new SinkError('overload', 'InfluxDB answered 500: engine: broken');

function pieces(count: number): Piece[] {
  return Array.from({ length: count }, (_, n) => ({ bytes: Buffer.from(`<${n}>\n`) }));
}

/** A server that answers 500 to whatever holds one of these lines. */
function server(isPoison: (lines: string) => boolean) {
  let requests = 0;
  const doubtful = new DoubtfulSend(async (lines) => {
    requests++;
    const isBad = isPoison(Buffer.from(lines).toString());
    return isBad ? { kind: 'failed', error: broken, suspect: true } : { kind: 'written' };
  });
  return { doubtful, requests: () => requests };
}

test('a batch is suspected once the same one has failed four times for no known reason', () => {
  const doubt = new Doubt();
  for (let tries = 0; tries < 3; tries++) doubt.failed(7, true);
  expect(doubt.isUpon(7)).toBe(false);
  doubt.failed(7, false); // an outage between them
  for (let tries = 0; tries < 4; tries++) doubt.failed(7, true);
  expect([doubt.isUpon(7), doubt.isUpon(8)]).toEqual([true, false]);
  doubt.succeeded();
  expect(doubt.isUpon(7)).toBe(false);
});

test('the line that breaks the server is found', async () => {
  const { doubtful, requests } = server((lines) => lines.includes('<777>'));
  const refused = await doubtful.confirm(await sift(pieces(5_000), doubtful.send));
  expect(refused.map(({ piece }) => Buffer.from(piece.bytes).toString())).toEqual(['<777>\n']);
  expect(refused[0]?.reason).toContain('engine: broken');
  expect(requests()).toBeLessThan(40);
});

test('a server that breaks on everything costs no line', async () => {
  for (const count of [1, 5_000]) {
    const { doubtful, requests } = server(() => true);
    const all = async () => doubtful.confirm(await sift(pieces(count), doubtful.send));
    await expect(all()).rejects.toBe(broken);
    expect(requests()).toBeLessThan(40);
  }
});

test('many lines that break the server are its own fault', async () => {
  const { doubtful } = server((lines) => /<\d*0>/.test(lines));
  const all = async () => doubtful.confirm(await sift(pieces(200), doubtful.send));
  await expect(all()).rejects.toBe(broken);
});

test('a server that breaks while it is asked again costs no line', async () => {
  let isDown = false;
  const { doubtful } = server((lines) => isDown || lines.includes('<3>'));
  const refused = await sift(pieces(10), doubtful.send);
  isDown = true;
  await expect(doubtful.confirm(refused)).rejects.toBe(broken);
});
