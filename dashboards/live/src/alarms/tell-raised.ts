import type { AlarmView } from '@fieldline/protocol/browser';
import { titleOf } from '../format/metric.js';
import { go } from '../shell/navigation.js';
import { alarmsHref } from '../shell/route.js';
import { alarms as words } from '../strings/alarms.js';
import { announce, notify, sound } from './announce.js';
import { quiets } from './quiets.js';

/** Tells of a new alarm by sound and notification, where this browser was asked to, and the limit is not quiet. */
export async function tellRaised(alarm: AlarmView): Promise<void> {
  if (!sound.peek() && !notify.peek()) return;
  if (await quiets.holds(alarm)) return;
  const { id, level, metric, device } = alarm;
  const what = metric === null ? '' : `: ${titleOf(metric)}`;
  announce(id, `${words.level[level]}${what}, ${device}`, () => go(alarmsHref(`alarm=${id}`)));
}
