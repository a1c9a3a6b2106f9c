import { cutText, type DeviceErrorCode, LIMITS, type RejectCode, type Welcome } from '@fieldline/protocol';
import type { Reject } from '../ingest/rejects.js';

/** When a device should come back that was sent away for the hub's sake. */
export const RETRY_AFTER_MS = 2_000;

/** Messages from the hub to a device, as text (protocol §1.2). */

export function ackMessage(boot: string, seq: number): string {
  return `{"type":"ack","boot":"${boot}","seq":${seq}}`; // a boot's name needs no escaping
}

/** The most that a device can take, and how its connection counts. */
export interface Room {
  /** The device's `rxMax`. */
  readonly maxBytes: number;
  /** Length of a message on the wire, bytes; that of its text by default. */
  readonly lengthOf?: (message: string) => number;
}

/** Cut to what there is room for: the words for people first, then a name that is none anyway. */
export function rejectMessage(
  reject: Reject,
  seq: number | undefined,
  { maxBytes, lengthOf = Buffer.byteLength }: Room,
): string {
  const { code, row, count } = reject;
  let { metric, message } = reject;
  for (;;) {
    const head = { type: 'reject', seq, code: code satisfies RejectCode };
    const text = JSON.stringify({ ...head, metric, row, count, message });
    if (lengthOf(text) <= maxBytes) return text;
    if (message !== '') message = halfOf(message);
    else if (metric) metric = halfOf(metric);
    else return text;
  }
}

export interface ErrorDetails {
  readonly seq?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly fatal?: boolean;
}

/** Cut to what there is room for. */
export function errorMessage(
  code: DeviceErrorCode,
  message: string,
  details: ErrorDetails = {},
  room: Room = { maxBytes: LIMITS.rxMaxBytes },
): string {
  const { maxBytes, lengthOf = Buffer.byteLength } = room;
  const { seq, retryAfterMs, fatal = false } = details;
  const text = JSON.stringify({ type: 'error', code, message, seq, retryAfter: retryAfterMs, fatal });
  if (lengthOf(text) <= maxBytes || message === '') return text;
  return errorMessage(code, halfOf(message), details, room);
}

function halfOf(text: string): string {
  return cutText(text, Math.floor(Buffer.byteLength(text) / 2));
}

export function byeMessage(retryAfterMs: number): string {
  return JSON.stringify({ type: 'bye', retryAfter: retryAfterMs });
}

export function windowMessage(window: number): string {
  return JSON.stringify({ type: 'window', window });
}

export function timeMessage(uptimeMs: number, nowMs: number): string {
  return JSON.stringify({ type: 'time', uptime: uptimeMs, time: nowMs });
}

export function welcomeMessage(welcome: Omit<Welcome, 'type'>): string {
  return JSON.stringify({ type: 'welcome', ...welcome });
}
