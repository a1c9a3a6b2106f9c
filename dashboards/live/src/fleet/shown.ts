import { breachOf, figure, type Limit, lookOf, type MetricLook } from '../format/metric.js';
import type { LiveDevice } from '../live/device.js';
import { type DeviceProfile, profiles } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { raised } from '../live/raised.js';
import { type DeviceState, stateOf } from '../live/state.js';
import { words } from '../strings.js';
import type { Fleet } from './fleet.js';
import { mainMetric, SIGNAL } from './main-metric.js';
import type { SparkBuffer } from './spark-buffer.js';
import type { SparkLook } from './spark-shape.js';

/** What a row or a tile shows of a device at this moment. */
export interface Shown {
  /** Its state; an alarm that somebody has to care for is told in place of `online`. */
  readonly state: DeviceState | 'warn' | 'alarm';
  readonly text: string;
  readonly unit: string;
  readonly title: string;
  /** The worst limit of the profile that the value is beyond; undefined when none, or when the value is old. */
  readonly breach: Limit['kind'] | undefined;
  readonly spark: (SparkLook & { readonly buffer: SparkBuffer }) | undefined;
  /** How strong its radio is heard, in dBm; undefined where it does not say. */
  readonly signal: number | undefined;
}

/** Reads a device for drawing. Called while a component renders, which then follows the device and the clock. */
export function show(device: LiveDevice, fleet: Fleet): Shown {
  void device.changed.value;
  const connection = stateOf(device, pulse.value);
  const severity = raised.value.get(device.id);
  const state = connection === 'online' ? (severity ?? connection) : connection;
  const profile = profiles.get(device.view.profile);
  const metric = mainMetric(device, profile);
  const latest = metric === undefined ? undefined : device.latest.get(metric);
  const rssi = device.latest.get(SIGNAL)?.value;
  const signal = typeof rssi === 'number' ? rssi : undefined;
  if (metric === undefined || latest === undefined) {
    return { state, text: words.noneYet, unit: '', title: '', breach: undefined, spark: undefined, signal };
  }
  const look = looks.of(device, metric, profile);
  const { value } = latest;
  return {
    state,
    ...figure(look, value),
    title: look.title,
    breach: connection === 'online' ? breachOf(look, value)?.kind : undefined,
    signal,
    spark:
      typeof value === 'string'
        ? undefined
        : {
            buffer: fleet.traces.of(device.id, metric, look.numeric, () => {
              device.changed.value++;
            }),
            interval: device.interval,
            quiet: connection === 'stale' || connection === 'offline' || connection === 'asleep',
            steps: typeof value === 'boolean',
            limits: look.limits,
          },
  };
}

/** How metrics are shown, kept for as long as their device and profile are described as they were. */
class Looks {
  readonly #kept = new WeakMap<
    LiveDevice['view'],
    { metric: string; profile: DeviceProfile; look: MetricLook }
  >();

  of({ view }: LiveDevice, metric: string, profile: DeviceProfile): MetricLook {
    const kept = this.#kept.get(view);
    if (kept?.metric === metric && kept.profile === profile) return kept.look;
    const look = lookOf(metric, view.metrics[metric], profile.metrics?.[metric]);
    this.#kept.set(view, { metric, profile, look });
    return look;
  }
}

const looks = new Looks();
