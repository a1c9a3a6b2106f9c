import type { LiveFeed } from '../devices/session-context.js';
import { visibleText } from '../devices/visible-text.js';

/** Of a payload, viewers of `raw` see so much. */
const SHOWN_BYTES = 4_096;

/** Shows to those who watch the wire what a device has published. */
export function showPayload(
  live: Pick<LiveFeed, 'wantsRaw' | 'raw'>,
  device: string,
  payload: Buffer,
  at: number,
): void {
  if (!live.wantsRaw(device)) return;
  const frame = visibleText(payload, SHOWN_BYTES);
  live.raw({ device, direction: 'in', frame, bytes: payload.length, via: 'mqtt', at });
}
