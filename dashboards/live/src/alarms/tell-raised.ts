import type { AlarmView } from '@fieldline/protocol/browser';
import { titleOf } from '../format/metric.js';
import { go } from '../shell/navigation.js';
import { alarmsHref } from '../shell/route.js';
import { alarms as words } from '../strings/alarms.js';
import { announce } from './announce.js';

/** Tells of a new alarm by sound and notification, where this browser was asked to. */
export function tellRaised({ id, level, metric, device }: AlarmView): void {
  const what = metric === null ? '' : `: ${titleOf(metric)}`;
  announce(id, `${words.level[level]}${what}, ${device}`, () => go(alarmsHref(`alarm=${id}`)));
}
