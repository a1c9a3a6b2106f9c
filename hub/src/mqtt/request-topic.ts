import { parseTopic } from '@fieldline/protocol';

/** What a request is for. */
export type RequestTopic =
  | { readonly kind: 'command'; readonly device: string; readonly name: string }
  | { readonly kind: 'config_set'; readonly device: string };

/** Of `…/devices/<id>/command/<name>` and `…/devices/<id>/config/set`; undefined for any other topic. */
export function requestTopic(topic: string, prefix: string): RequestTopic | undefined {
  const parsed = parseTopic(topic, prefix);
  if (parsed?.kind === 'command') return parsed;
  return parsed?.kind === 'config_set' ? { kind: 'config_set', device: parsed.device } : undefined;
}
