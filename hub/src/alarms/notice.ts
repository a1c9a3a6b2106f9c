import { type AlarmView, unitOf } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import type { AlarmChange } from './alarm-change.js';
import type { Notice } from './channels/channel.js';

/** Everything that a channel may want to say of a change. */
export function noticeOf({ event, alarm, at }: AlarmChange, device: Device | undefined): Notice {
  const { name = null, profile = null, tags = {} } = device?.record ?? {};
  const where = name === null ? alarm.device : `${name} (${alarm.device})`;
  const what = sentence(alarm, device);
  const by = event === 'acknowledged' ? ` by ${alarm.acknowledgedBy}` : '';
  const text = `${HEADS[event](alarm)}${by}: ${what}, ${where}`;
  return { event, at, alarm, device: { id: alarm.device, name, profile, tags }, text };
}

const LEVELS = { warn: 'Warning', alarm: 'Alarm', stale: 'Stale' } as const;
const HEADS = {
  raised: ({ level }: AlarmView) => LEVELS[level],
  cleared: ({ level }: AlarmView) => `Cleared (${LEVELS[level].toLowerCase()})`,
  acknowledged: ({ level }: AlarmView) => `${LEVELS[level]} acknowledged`,
  past: ({ level }: AlarmView) => `${LEVELS[level]} of the past`,
} as const;

/** Such as "Temperature above 8 °C for 5 min". */
function sentence({ metric, limit, worst }: AlarmView, device: Device | undefined): string {
  if (metric === null) return `no reading for ${duration(limit.silence ?? 0)}`;
  const profile = device?.metrics.get(metric)?.profile;
  const unit = profile?.unit ? ` ${unitOf(profile.unit).symbol}` : '';
  const isAbove = limit.above !== undefined && (limit.below === undefined || Number(worst) > limit.above);
  const bound =
    limit.equals !== undefined
      ? `is ${limit.equals}`
      : isAbove
        ? `above ${limit.above}${unit}`
        : `below ${limit.below}${unit}`;
  const lasting = limit.for > 0 ? ` for ${duration(limit.for)}` : '';
  const read = typeof worst === 'number' ? `, worst ${worst}${unit}` : '';
  return `${profile?.title ?? metric} ${bound}${lasting}${read}`;
}

function duration(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round((ms / 3_600_000) * 10) / 10} h`;
}
