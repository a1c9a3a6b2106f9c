import { type AlarmView, unitOf } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import type { AlarmNews } from './alarm-change.js';
import type { Notice } from './channels/channel.js';
import { limitWords } from './limit-words.js';

/** Everything that a channel may want to say of a change. */
export function noticeOf({ event, alarm, at }: AlarmNews, device: Device | undefined): Notice {
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

/** Such as "Temperature above 8 °C for 5 min, worst 8.6 °C". */
function sentence(alarm: AlarmView, device: Device | undefined): string {
  const { metric, worst } = alarm;
  const profile = metric === null ? undefined : device?.metrics.get(metric)?.profile;
  const unit = profile?.unit ? ` ${unitOf(profile.unit).symbol}` : '';
  const words = limitWords(alarm, { title: profile?.title ?? metric ?? '', unit });
  return typeof worst === 'number' ? `${words}, worst ${worst}${unit}` : words;
}

/** What a message says that tells of many: "500 alarms: 498 stale, 2 cleared". */
export function digestText(notices: readonly Notice[]): string {
  const counts = new Map<string, number>();
  for (const { event, alarm } of notices) {
    const kind = event === 'raised' ? alarm.level : event;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const parts = [...counts].map(([kind, count]) => `${count} ${kind}`);
  return `${notices.length} alarms: ${parts.join(', ')}`;
}
