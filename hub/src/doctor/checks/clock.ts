import { type Finding, fail, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

const AHEAD_WARN_MS = 2_000;
const AHEAD_FAIL_MS = 60_000;
const FUTURE_MS = 300_000;

/** Whether the clocks agree: readings of devices without one get the hub's time. */
export function checkClock({ hub, data, nowMs }: Scene): Finding[] {
  const remedy =
    'Let NTP set the clock (timedatectl set-ntp true) of both machines (docs/operations.md, "When the clock is wrong").';
  if (data !== null && data.writtenAt !== null && data.writtenAt > nowMs + FUTURE_MS) {
    const newest = new Date(data.writtenAt).toISOString();
    return [
      fail('clock', 'clock_behind', `the data directory was written at ${newest}, which is to come`, remedy),
    ];
  }
  const ahead = hub.isThere ? hub.clockAheadMs : null;
  if (ahead === null) return [skip('clock', 'nobody to compare it with')];
  const seconds = `${Math.abs(ahead / 1_000).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
  if (Math.abs(ahead) > AHEAD_FAIL_MS)
    return [fail('clock', 'clock_wrong', `the hub's clock is ${seconds}`, remedy)];
  if (Math.abs(ahead) > AHEAD_WARN_MS)
    return [warn('clock', 'clock_off', `the hub's clock is ${seconds}`, remedy)];
  return [ok('clock', 'the hub and this machine agree')];
}
