import type { ValueType } from '@fieldline/protocol';

/**
 * Home Assistant renders these with Jinja for each message. They hold nothing but names of metrics, which have
 * no quote, brace or backslash in them. Values are asked for with `get`: Jinja takes `values['items']` for the
 * dictionary's own method where there is no such key.
 */

/** `online` where the message says so, else `offline`: Home Assistant's own words for the two. */
export const ONLINE_TEMPLATE =
  "{{ 'online' if value_json is mapping and value_json.get('online') is true else 'offline' }}";

/** Longest state that Home Assistant keeps, in characters. */
const MAX_STATE = 255;

/**
 * The value of a metric in the merged state. `None` (unknown) where there is none, or one of another type, which
 * Home Assistant would take for an error.
 */
export function valueTemplate(metric: string, type: ValueType): string {
  const value = `{% set v = (value_json.get('values') or {}).get('${metric}') if value_json is mapping else none %}`;
  switch (type) {
    case 'number':
      return `${value}{{ v if v is number and v is not boolean else none }}`;
    case 'boolean':
      return `${value}{{ 'ON' if v is true else 'OFF' if v is false else none }}`;
    case 'string':
      return `${value}{{ v[:${MAX_STATE}] if v is string else none }}`;
  }
}
