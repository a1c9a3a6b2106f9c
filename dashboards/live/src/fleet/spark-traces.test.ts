import { describe, expect, it } from 'vitest';
import { SparkTraces } from './spark-traces.js';

const NOW = 1_800_000;
const nothing = () => {};
/** Its last mean: undefined where nothing was kept of it. */
const last = (traces: SparkTraces, device: string) =>
  traces.of(device, 'door', false, nothing).means(NOW).at(-1);

describe('SparkTraces', () => {
  it('keeps what a device in view reads, and nothing of those that were never in view', () => {
    const traces = new SparkTraces();
    traces.reading('a', NOW, { door: true });
    expect(last(traces, 'a')).toBeUndefined();
    traces.reading('a', NOW, { door: true, note: 'open' });
    expect(last(traces, 'a')).toBe(1);
  });

  it('forgets those that were seen longest ago, and no others', () => {
    const traces = new SparkTraces();
    for (const device of ['a', 'b']) {
      last(traces, device);
      traces.reading(device, NOW, { door: true });
    }
    for (let n = 0; n < 498; n++) last(traces, `other-${n}`);
    // Seen once more: now b is the oldest.
    last(traces, 'a');
    last(traces, 'one-more');
    expect(last(traces, 'a')).toBe(1);
    expect(last(traces, 'b')).toBeUndefined();
  });
});
