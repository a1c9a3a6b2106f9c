import { expect, test } from 'vitest';
import { InfluxError } from '../../sinks/influx/influx-error.js';
import { SinkError } from '../../sinks/sink.js';
import { historyErrorOf } from './history-error.js';

test.each([
  [
    'history_unavailable',
    new InfluxError('network', 'InfluxDB at http://db:8086 cannot be reached: ECONNREFUSED'),
  ],
  ['history_unavailable', new SinkError('credentials', 'InfluxDB answered 401: authorization failed')],
  ['history_timeout', new InfluxError('timeout', 'InfluxDB did not answer within 10000 ms')],
])('%s says itself what is wrong with InfluxDB', (code, error) => {
  const answer = historyErrorOf(error);
  expect(answer).toMatchObject({ code, status: 503, message: expect.stringContaining(error.message) });
  // The API hides an error that wraps another, and logs it.
  expect(answer).not.toHaveProperty('cause');
});

test('a question that InfluxDB refuses is kept for the log', () => {
  const error = new InfluxError('refused', 'error parsing query');
  expect(historyErrorOf(error)).toMatchObject({ code: 'history_unavailable', cause: error });
});
