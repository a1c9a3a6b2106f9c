import { paramReference } from './check.js';
import { parseDuration } from './duration.js';
import type {
  CommandProfile,
  ExpectProfile,
  MetricProfile,
  ParamProfile,
  Profile,
  SignalProfile,
  ThresholdProfile,
} from './profile.js';
import { valueType } from './range.js';
import type {
  CommandDocument,
  ExpectDocument,
  MetricDocument,
  ParamDocument,
  ProfileDocument,
  SignalDocument,
  ThresholdDocument,
} from './schema.js';

const DAY_MS = 86_400_000;

/** Makes a checked document ready to use: durations in ms, defaults filled in, names as keys of maps. */
export function buildProfile(document: ProfileDocument): Profile {
  return {
    name: document.profile,
    title: document.title ?? document.profile,
    description: document.description ?? null,
    mode: document.mode ?? 'learn',
    intervalMs: durationOf(document.interval),
    retentionMs: durationOf(document.retention),
    metrics: mapOf(document.metrics, metricOf),
    commands: mapOf(document.commands ?? {}, commandOf),
    config: mapOf(document.config ?? {}, paramOf),
    simulate: mapOf(document.simulate ?? {}, (_, signal) => signalOf(signal)),
    document,
  };
}

function mapOf<D, P>(
  record: Readonly<Record<string, D>>,
  build: (name: string, document: D) => P,
): ReadonlyMap<string, P> {
  return new Map(Object.entries(record).map(([name, document]) => [name, build(name, document)]));
}

function durationOf(text: string | undefined): number | null {
  return text === undefined ? null : (parseDuration(text) ?? null);
}

function describedOf(name: string, document: MetricDocument | ParamDocument) {
  return {
    name,
    title: document.title ?? name,
    description: document.description ?? null,
    type: valueType(document.type),
    integer: document.type === 'integer',
    unit: document.unit ?? null,
    min: document.min ?? null,
    max: document.max ?? null,
    enum: document.enum ?? null,
  };
}

function metricOf(name: string, document: MetricDocument): MetricProfile {
  return {
    ...describedOf(name, document),
    decimals: document.decimals ?? null,
    warn: thresholdOf(document.warn),
    alarm: thresholdOf(document.alarm),
  };
}

function thresholdOf(document: ThresholdDocument | undefined): ThresholdProfile | null {
  if (document === undefined) return null;
  return {
    above: document.above ?? null,
    below: document.below ?? null,
    equals: document.equals ?? null,
    hysteresis: document.hysteresis ?? 0,
    forMs: durationOf(document.for) ?? 0,
  };
}

function paramOf(name: string, document: ParamDocument): ParamProfile {
  return {
    ...describedOf(name, document),
    required: document.required ?? false,
    default: document.default ?? null,
  };
}

function commandOf(name: string, document: CommandDocument): CommandProfile {
  return {
    name,
    title: document.title ?? name,
    description: document.description ?? null,
    params: mapOf(document.params ?? {}, paramOf),
    timeoutMs: durationOf(document.timeout),
    expect: document.expect === undefined ? null : expectOf(document.expect),
    danger: document.danger ?? false,
  };
}

function expectOf(document: ExpectDocument): ExpectProfile {
  const param = paramReference(document.equals);
  return {
    metric: document.metric,
    equals: param === undefined ? { value: document.equals } : { param },
    tolerance: document.tolerance ?? 0,
    withinMs: durationOf(document.within),
  };
}

function signalOf(document: SignalDocument): SignalProfile {
  const step = document.step ?? 0;
  return {
    wave: document.wave,
    mean: document.mean ?? 0,
    amplitude: document.amplitude ?? 10 * step, // only a walk may leave it out
    periodMs: durationOf(document.period) ?? DAY_MS,
    noise: document.noise ?? 0,
    step,
    values: document.values ?? [],
    everyMs: durationOf(document.every),
    probability: document.probability ?? 0,
    dropout: document.dropout ?? 0,
  };
}
