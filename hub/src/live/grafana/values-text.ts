import type { Value } from '@fieldline/journal';
import type { Metric } from '../../devices/metric.js';
import { keyText, valueText } from '../../sinks/influx/line-protocol.js';

/**
 * The latest values of a device as fields of the line protocol, always in the same order and of the same types, and the time of the
 * newest of them in µs. Empty where there is none.
 */
export function valuesText(metrics: ReadonlyMap<string, Metric>): { text: string; timeUs: number } {
  const fields: string[] = [];
  let timeUs = 0;
  for (const name of [...metrics.keys()].sort()) {
    const { latestValue, latestTime } = metrics.get(name) as Metric;
    if (latestValue === null) continue;
    timeUs = Math.max(timeUs, latestTime);
    fields.push(`${keyText(name)}=${valueText(latestValue, fieldType(latestValue))}`);
  }
  return { text: fields.join(','), timeUs };
}

/** Numbers are floats, also where they are whole: else the next one would be of another type. */
function fieldType(value: Value): 'float' | 'boolean' | 'string' {
  return typeof value === 'number' ? 'float' : typeof value === 'boolean' ? 'boolean' : 'string';
}
