import fc from 'fast-check';

/** Messages that a device may send, as a starting point for what it may not. */
const GOOD = [
  { temperature: 21.5, door: true, label: 'grün' },
  {
    type: 'hello',
    boot: '9c1e4b7a',
    seq: 1,
    firmware: '1.4.2',
    caps: ['command'],
    rxMax: 1024,
    uptime: 5123,
  },
  { type: 'telemetry', seq: 1, time: 1767225600123, values: { temperature: 21.5, door: true } },
  { type: 'telemetry', seq: 2, rows: [[1767225600123, { temperature: 21.5 }]] },
  { type: 'telemetry', seq: 3, t0: 1767225600000, dt: [0, 1000], columns: { temperature: [21.5, null] } },
  { type: 'telemetry', seq: 4, clock: 'uptime', rows: [[5123, { temperature: 1 }]] },
  { type: 'result', id: '01J8ZQ', status: 'ok', result: { on: true } },
  { type: 'config', version: 7, ok: true, reported: { interval: 5000 } },
  { type: 'log', level: 'warn', message: 'brown-out' },
  { type: 'time', uptime: 5123 },
  { type: 'subscribe', id: 1, devices: { tags: { site: 'north' } }, metrics: ['x'], what: ['status'] },
].map((message) => JSON.stringify(message));

/** Words that mean something somewhere. */
const nasty = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'time',
  '',
  '\u0000',
  '\ud800',
  'x'.repeat(300),
);
const key = fc.oneof(
  nasty,
  fc.constantFrom('type', 'seq', 'boot', 'values', 'rows', 'columns', 't0', 'dt', 'clock', 'uptime', 'token'),
  fc.string(),
);
const leaf = fc.oneof(
  nasty,
  fc.constantFrom('telemetry', 'hello', 'time', 'log', 'uptime', 'fuzz1'),
  fc.constantFrom(0, -0, -1, 1, 2 ** 53, 2 ** 53 - 1, 1e308, 5e-324, 1767225600123, null, true),
  fc.double(),
  fc.string(),
);
const { value: anyJson } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((pairs) => new Map(pairs)),
  ),
}));

/** JSON text; unlike JSON.stringify of an object it may say a key twice, and say `__proto__`. */
function toText(value: unknown): string {
  if (value instanceof Map) {
    return `{${[...value].map(([name, inner]) => `${JSON.stringify(name)}:${toText(inner)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(toText).join(',')}]`;
  if (typeof value === 'number' && !Number.isFinite(value)) return '1e999';
  return JSON.stringify(value);
}

const randomJson = anyJson.map(toText);
const typedJson = fc
  .tuple(
    fc.constantFrom('telemetry', 'hello', 'log', 'time', 'result', 'config'),
    fc.array(fc.tuple(key, anyJson)),
  )
  .map(([type, pairs]) => toText(new Map<string, unknown>([['type', type], ...pairs])));
const deep = fc
  .integer({ min: 1, max: 5_000 })
  .map((depth) => `{"type":"telemetry","values":${'['.repeat(depth)}${']'.repeat(depth)}}`);

/** A good message with a few bytes changed, left out or put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...GOOD),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('change', 'drop', 'insert')), {
      minLength: 1,
      maxLength: 5,
    }),
  )
  .map(([text, edits]) => {
    const bytes = [...Buffer.from(text)];
    for (const [at, byte, edit] of edits) {
      const place = at % (bytes.length + 1);
      bytes.splice(place, edit === 'insert' ? 0 : 1, ...(edit === 'drop' ? [] : [byte]));
    }
    return Buffer.from(bytes);
  });

/** Anything that a WebSocket frame may hold. Bytes go out as binary frames, texts as text frames. */
export const anyFrame: fc.Arbitrary<string | Buffer> = fc.oneof(
  mutated,
  mutated.map((bytes) => bytes.toString('latin1')),
  typedJson,
  randomJson,
  deep,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...GOOD),
);
