import type { Value } from '../messages/fields.js';
import { isCommandName, isMetricName, isParamName } from '../names.js';
import { checkSignal } from './check-signal.js';
import { closest } from './closest.js';
import { parseDuration } from './duration.js';
import { type Fault, type Path, wrong } from './fault.js';
import { checkRange, checkValue, isNumeric, valueType } from './range.js';
import type {
  CommandDocument,
  ExpectDocument,
  MetricDocument,
  ParamDocument,
  ProfileDocument,
  ThresholdDocument,
} from './schema.js';

const METRIC_NAME_RULE = 'A-Z a-z 0-9 _ . -, at most 64, starting with a letter or _; not time';
const MAX_METRICS = 256;
/** InfluxDB has no retention policy that is shorter. */
const MIN_RETENTION_MS = 3_600_000;

/** What is wrong in a document whose shape is right: names, ranges, and references from part to part. */
export function checkProfile(document: ProfileDocument): Fault[] {
  const metrics = Object.entries(document.metrics);
  const faults: Fault[] = [];
  if (metrics.length > MAX_METRICS) {
    faults.push(wrong(['metrics'], `at most ${MAX_METRICS} metrics, got ${metrics.length}`));
  }
  if (document.retention !== undefined && (parseDuration(document.retention) ?? 0) < MIN_RETENTION_MS) {
    faults.push(wrong(['retention'], `at least 1h, got ${document.retention}`));
  }
  for (const [name, metric] of metrics) faults.push(...checkMetric(name, metric));
  for (const [name, command] of Object.entries(document.commands ?? {})) {
    faults.push(...checkCommand(name, command, document));
  }
  for (const [name, param] of Object.entries(document.config ?? {})) {
    faults.push(...checkParam(['config', name], name, param));
  }
  for (const [name, signal] of Object.entries(document.simulate ?? {})) {
    const path = ['simulate', name];
    const metric = own(document.metrics, name);
    if (metric === undefined) faults.push(unknownMetric(path, 'key', name, document));
    else faults.push(...checkSignal(path, signal, metric));
  }
  return faults;
}

function checkMetric(name: string, metric: MetricDocument): Fault[] {
  const path = ['metrics', name];
  const faults = isMetricName(name) ? [] : [badName(path, METRIC_NAME_RULE)];
  faults.push(...checkRange(path, metric));
  if (metric.decimals !== undefined && metric.type !== 'number') {
    faults.push(wrong([...path, 'decimals'], `applies to type number, not ${metric.type}`));
  }
  for (const level of ['warn', 'alarm'] as const) {
    const threshold = metric[level];
    if (threshold !== undefined) faults.push(...checkThreshold([...path, level], threshold, metric));
  }
  return faults;
}

function checkThreshold(path: Path, threshold: ThresholdDocument, metric: MetricDocument): Fault[] {
  const { above, below, equals } = threshold;
  if (above === undefined && below === undefined && equals === undefined) {
    return [wrong(path, 'above, below or equals is missing')];
  }
  const faults: Fault[] = [];
  for (const key of ['above', 'below'] as const) {
    if (threshold[key] !== undefined && !isNumeric(metric.type)) {
      faults.push(wrong([...path, key], `applies to numbers, not to ${metric.type}`, 'equals'));
    }
  }
  if (above !== undefined && metric.max !== undefined && above >= metric.max) {
    faults.push(wrong([...path, 'above'], `never reached: values above max (${metric.max}) are rejected`));
  }
  if (below !== undefined && metric.min !== undefined && below <= metric.min) {
    faults.push(wrong([...path, 'below'], `never reached: values below min (${metric.min}) are rejected`));
  }
  if (above !== undefined && below !== undefined && above < below) {
    faults.push(wrong([...path, 'above'], `always true together with below (${below})`, 'above >= below'));
  }
  if (equals !== undefined) faults.push(...checkValue([...path, 'equals'], equals, metric));
  faults.push(...checkHysteresis([...path, 'hysteresis'], threshold, metric));
  return faults;
}

/** Whether there are values by which an alarm clears. */
function checkHysteresis(path: Path, threshold: ThresholdDocument, { min, max }: MetricDocument): Fault[] {
  const { above, below, hysteresis } = threshold;
  if (hysteresis === undefined) return [];
  if (above === undefined && below === undefined) return [wrong(path, 'applies to above and below')];
  if (hysteresis <= 0) return [wrong(path, `greater than 0 expected, got ${hysteresis}`)];
  const most = above === undefined ? (max ?? Infinity) : above - hysteresis;
  const least = below === undefined ? (min ?? -Infinity) : below + hysteresis;
  return least > most ? [wrong(path, 'no value is left that would clear it')] : [];
}

function checkCommand(name: string, command: CommandDocument, document: ProfileDocument): Fault[] {
  const path = ['commands', name];
  const faults = isCommandName(name) ? [] : [badName(path, METRIC_NAME_RULE)];
  for (const [paramName, param] of Object.entries(command.params ?? {})) {
    faults.push(...checkParam([...path, 'params', paramName], paramName, param));
  }
  if (command.expect !== undefined) {
    faults.push(...checkExpect([...path, 'expect'], command.expect, command, document));
  }
  return faults;
}

function checkExpect(
  path: Path,
  expect: ExpectDocument,
  command: CommandDocument,
  document: ProfileDocument,
): Fault[] {
  const metric = own(document.metrics, expect.metric);
  if (metric === undefined) return [unknownMetric([...path, 'metric'], 'value', expect.metric, document)];
  const faults: Fault[] = [];
  if (expect.tolerance !== undefined && !isNumeric(metric.type)) {
    faults.push(wrong([...path, 'tolerance'], `applies to numbers; ${expect.metric} is ${metric.type}`));
  }
  const param = paramReference(expect.equals);
  if (param === undefined) return [...faults, ...checkValue([...path, 'equals'], expect.equals, metric)];
  const declared = own(command.params ?? {}, param);
  const equalsPath = [...path, 'equals'];
  if (declared === undefined) {
    const names = Object.keys(command.params ?? {});
    faults.push(
      wrong(equalsPath, `the command has no parameter ${param}`, `parameters: ${names.join(', ') || 'none'}`),
    );
  } else if (valueType(declared.type) !== valueType(metric.type)) {
    faults.push(
      wrong(equalsPath, `parameter ${param} is ${declared.type}, metric ${expect.metric} is ${metric.type}`),
    );
  }
  return faults;
}

function checkParam(path: Path, name: string, param: ParamDocument): Fault[] {
  const faults = isParamName(name) ? [] : [badName(path, METRIC_NAME_RULE.replace('; not time', ''))];
  faults.push(...checkRange(path, param));
  if (param.default !== undefined) faults.push(...checkValue([...path, 'default'], param.default, param));
  return faults;
}

/** The name of the parameter that `$name` stands for; undefined for a plain value. */
export function paramReference(value: Value): string | undefined {
  return typeof value === 'string' && value.startsWith('$') ? value.slice(1) : undefined;
}

function unknownMetric(path: Path, at: Fault['at'], name: string, document: ProfileDocument): Fault {
  const known = Object.keys(document.metrics);
  const meant = closest(name, known);
  const reason = `no metric ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  return { path, at, reason, allowed: `metrics: ${known.join(', ') || 'none'}` };
}

function badName(path: Path, rule: string): Fault {
  return { path, at: 'key', reason: 'not a valid name', allowed: rule };
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
