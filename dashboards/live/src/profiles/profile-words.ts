import type {
  CommandDocument,
  MetricDocument,
  ParamDocument,
  ThresholdDocument,
} from '@fieldline/protocol/browser';
import { plainNumber } from '../command/field.js';
import { titleOf } from '../format/metric.js';
import { unitSymbol } from '../format/unit.js';
import { params as paramWords } from '../strings/params.js';
import { profiles as words } from '../strings/profiles.js';

/** "−40 to 125 °C", "from 5", '' for none: what a value has to be. */
export function rangeWords({
  min,
  max,
  unit,
  enum: choices,
}: Pick<MetricDocument & ParamDocument, 'min' | 'max' | 'unit' | 'enum'>): string {
  if (choices !== undefined) return choices.map(valueWords).join(', ');
  const symbol = unitSymbol(unit ?? null);
  const figure = (value: number) => [plainNumber(value), symbol].filter(Boolean).join('\u00a0');
  if (min !== undefined && max !== undefined) return paramWords.between(plainNumber(min), figure(max));
  if (min !== undefined) return paramWords.atLeast(figure(min)).replace(/\.$/, '');
  return max === undefined ? '' : paramWords.atMost(figure(max)).replace(/\.$/, '');
}

/** "above 8 for 5 min": one threshold of a metric. */
export function thresholdWords(threshold: ThresholdDocument): string {
  return boundsWords(threshold);
}

/** Every key of a part of a profile with its value, in the order of the file. */
export function boundsWords(part: object): string {
  return Object.entries(part)
    .map(([key, value]) =>
      words.bound(key, Array.isArray(value) ? value.map(valueWords).join(', ') : valueWords(value)),
    )
    .join(' ');
}

/** "percent (0 to 100 %, needed)": a command's parameters. */
export function paramsWords({ params = {} }: CommandDocument): string {
  const said = Object.entries(params).map(([name, param]) => {
    const details = [
      param.enum === undefined && param.min === undefined && param.max === undefined ? param.type : '',
      rangeWords(param),
      param.required === true && param.default === undefined ? words.required : '',
    ];
    return `${param.title ?? titleOf(name)} (${details.filter(Boolean).join(', ')})`;
  });
  return said.length === 0 ? words.noParams : said.join('; ');
}

/** What its readings have to show after a command; '' for nothing. */
export function proofWords({ expect }: CommandDocument): string {
  if (expect === undefined) return words.noProof;
  const reading = words.reads(expect.metric, valueWords(expect.equals));
  return expect.within === undefined ? reading : words.proof(reading, expect.within);
}

export function valueWords(value: unknown): string {
  if (typeof value === 'number') return plainNumber(value);
  if (typeof value === 'boolean') return value ? paramWords.on : paramWords.off;
  return String(value);
}
