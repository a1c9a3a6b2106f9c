import { hubClock } from '../api/client.js';
import { breachOf, figure, type Limit, lookOf } from '../format/metric.js';
import type { LiveDevice } from '../live/device.js';
import { profiles } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { type DeviceState, stateOf } from '../live/state.js';
import { words } from '../strings.js';
import type { Fleet } from './fleet.js';
import { mainMetric } from './main-metric.js';
import type { SparkBuffer } from './spark-buffer.js';

/** What a row or a tile shows of a device at this moment. */
export interface Shown {
  readonly state: DeviceState;
  readonly text: string;
  readonly unit: string;
  readonly title: string;
  /** The worst limit of the profile that the value is beyond; undefined when none, or when the value is old. */
  readonly breach: Limit['kind'] | undefined;
  readonly spark: SparkBuffer | undefined;
}

/** Reads a device for drawing. Called while a component renders, which then follows the device and the clock. */
export function show(device: LiveDevice, fleet: Fleet): Shown {
  void device.changed.value;
  const state = stateOf(device, pulse.value);
  const profile = profiles.get(device.view.profile);
  const metric = mainMetric(device, profile);
  const latest = metric === undefined ? undefined : device.latest.get(metric);
  if (metric === undefined || latest === undefined) {
    return { state, text: words.noneYet, unit: '', title: '', breach: undefined, spark: undefined };
  }
  const look = lookOf(metric, device.view.metrics[metric], profile.metrics?.[metric]);
  const numeric = typeof latest.value === 'number';
  return {
    state,
    ...figure(look, latest.value),
    title: look.title,
    breach: state === 'online' ? breachOf(look, latest.value)?.kind : undefined,
    spark:
      typeof latest.value === 'string'
        ? undefined
        : fleet.traces.of(device.id, metric, numeric, hubClock.now(), () => {
            device.changed.value++;
          }),
  };
}
