import type { Value } from '@fieldline/protocol/browser';
import { figure, type MetricLook } from '../format/metric.js';

/** A value with its unit, on one line: "3.5 °C", "on". */
export function figureWords(look: MetricLook, value: Value): string {
  const { text, unit } = figure(look, value);
  return unit ? `${text}\u00a0${unit}` : text;
}
