import type { LiveMessage as HubMessage, TopicKind } from '@fieldline/protocol/browser';

/** The part of the viewer socket's messages (protocol §2) that the page uses. Times are ms since 1970. */

export type Topic = Extract<TopicKind, 'telemetry' | 'status' | 'command' | 'alarm' | 'log' | 'raw'>;

/** What a part of the page wants to see. `minPeriod` in ms: the least time between two updates. */
export interface Interest {
  readonly devices: '*' | readonly string[];
  readonly what: readonly Topic[];
  readonly minPeriod: number;
}

const TYPES = ['snapshot', 'update', 'status', 'command', 'alarm', 'log', 'raw', 'lag', 'error'] as const;
const known: ReadonlySet<string> = new Set(TYPES);

/** What the page hears, of all that the hub may say. */
export type LiveMessage = Extract<HubMessage, { type: (typeof TYPES)[number] }>;

/** Reads one frame; undefined for a type that this page does not know, so that a newer hub can say more. */
export function parseLive(frame: unknown): LiveMessage | undefined {
  if (typeof frame !== 'string') return undefined;
  let message: unknown;
  try {
    message = JSON.parse(frame);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  return known.has(String(message.type)) ? (message as LiveMessage) : undefined;
}
