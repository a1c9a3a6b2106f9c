import { expect, test } from 'vitest';
import { classify } from './classify.js';

function kindOf(status: number, body: string): string {
  const verdict = classify({ status, body });
  if (verdict.kind === 'failed') return `${verdict.error.kind}${verdict.suspect ? '?' : ''}`;
  return verdict.kind;
}
const error = (text: string) => JSON.stringify({ error: text });

test.each([
  [204, '', 'written'],
  [200, '', 'written'],
  [200, '<html>Please log in</html>', 'credentials'],
  [200, error('timeout'), 'credentials'],
  [202, '{"accepted":true}', 'credentials'],
  [413, error('Request Entity Too Large'), 'too-large'],
  [413, '<html>nginx</html>', 'too-large'],
  [401, error('authorization failed'), 'credentials'],
  [403, error('"hub" user is not authorized to write to database "x"'), 'credentials'],
  [404, error('database not found: "x"'), 'missing'],
  [404, '{"code":"not found","message":"bucket \\"x\\" not found"}', 'missing'],
  [500, error('retention policy not found: d'), 'missing'],
  [301, '', 'credentials'],
  [405, '', 'credentials'],
  [400, '<html>The plain HTTP request was sent to HTTPS port</html>', 'credentials'],
  [400, error('something new'), 'overload?'],
  [408, '', 'overload'],
  [429, error('too many requests'), 'overload'],
  [500, error('engine: write failed'), 'overload?'],
  [500, error('timeout'), 'overload'],
  [500, error('engine: cache-max-memory-size exceeded: (1073741910/1073741824)'), 'overload'],
  [502, '', 'overload'],
  [503, '', 'overload'],
  [504, '', 'overload'],
  [500, error('write /var/lib/influxdb/wal/x: no space left on device'), 'full'],
  [500, error('open /var/lib/influxdb/wal/x: permission denied'), 'full'],
  [507, '', 'full'],
  [400, error('partial write: max-series-per-database limit exceeded: (1000000) dropped=1'), 'full'],
])('%i %s is %s', (status, body, expected) => {
  expect(kindOf(status, body)).toBe(expected);
});

test.each([
  [
    400,
    error('partial write: field type conflict: input field "n" on measurement "m" is type string dropped=3'),
    3,
  ],
  [400, error("unable to parse 'm n=NaN 1': invalid number"), 0],
  [400, error('field type conflict'), 0],
  [
    422,
    '{"code":"unprocessable entity","message":"failure writing points to database: partial write: x dropped=2"}',
    2,
  ],
  [
    400,
    '{"error":"partial write of line protocol occurred","data":[{"error_message":"invalid column","line_number":2}]}',
    0,
  ],
  [
    400,
    error(
      'partial write: field type conflict: input field "max-values-per-tag" on measurement "m" is type float dropped=1',
    ),
    1,
  ],
  [500, error('write failed: field type conflict: input field "n" on measurement "m" is type float'), 0],
])('%i %s are bad lines', (status, body, dropped) => {
  expect(classify({ status, body })).toMatchObject({ kind: 'refused', dropped, isWholePoint: false });
});

test('the reason is in InfluxDB’s own words', () => {
  const beyond = error('partial write: points beyond retention policy dropped=7');
  expect(classify({ status: 400, body: beyond })).toEqual({
    kind: 'refused',
    reason: 'partial write: points beyond retention policy',
    dropped: 7,
    isWholePoint: true,
  });
  const three =
    '{"error":"partial write of line protocol occurred","data":[{"error_message":"invalid column type"}]}';
  expect(classify({ status: 400, body: three })).toMatchObject({
    reason: 'partial write of line protocol occurred: invalid column type',
  });
});
