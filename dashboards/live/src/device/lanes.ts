import { type Gap, gapsOf } from '../chart/gaps.js';
import { type Segment, segmentsOf } from '../chart/segments.js';
import { figure, type MetricLook } from '../format/metric.js';
import type { LiveDevice } from '../live/device.js';
import type { Recorder } from './recorder.js';
import { screenTable, type TableLane } from './screen-table.js';

/** What a lane shows of one range. */
interface Window {
  readonly from: number;
  readonly to: number;
}

/** Where a number was not read, as far as that can be known. */
export function laneGaps(recorder: Recorder, device: LiveDevice, metric: string, window: Window): Gap[] {
  // Before the history is here nobody knows where the gaps are.
  const series = recorder.numbers(metric);
  if (!series || recorder.status.value.kind === 'loading') return [];
  const known = recorder.covered(window.from, window.to);
  const starts = series.between(known.from, known.to).map(({ t }) => t);
  return gapsOf({ ...known, starts, lengthMs: series.stepMs, intervalMs: device.interval });
}

/** The stretches of a boolean or a text, as far as they can be known. */
export function laneSegments(
  recorder: Recorder,
  device: LiveDevice,
  metric: string,
  window: Window,
): Segment[] {
  const series = recorder.states(metric);
  if (!series || recorder.status.value.kind === 'loading') return [];
  const known = recorder.covered(window.from, window.to);
  return segmentsOf({
    points: series.all(),
    lengthMs: series.stepMs,
    intervalMs: device.interval,
    ...known,
  });
}

/** What lanes show, as a table. */
export function tableOf(
  recorder: Recorder,
  device: LiveDevice,
  looks: readonly MetricLook[],
  window: Window,
): string {
  return screenTable(
    looks.map((look): TableLane => {
      const { key, title, unit, numeric } = look;
      if (!numeric) {
        const segments = laneSegments(recorder, device, key, window);
        return { kind: 'state', title, segments, word: (value) => figure(look, value).text };
      }
      const buckets = recorder.numbers(key)?.between(window.from, window.to) ?? [];
      const gaps = laneGaps(recorder, device, key, window);
      return { kind: 'number', title, unit, buckets, gaps };
    }),
  );
}
