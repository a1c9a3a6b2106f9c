import type { Value } from '@fieldline/journal';
import type { Rejection } from './sink.js';

/** What the pump needs of the quarantine (state/quarantine.ts). */
export interface RejectionStore {
  /** Takes an item into the buffer. `time` in ms since 1970. */
  add(item: QuarantinedValue): void;
  /** Makes the buffer durable. */
  flush(): void | Promise<void>;
}

export interface QuarantinedValue {
  readonly device: string;
  readonly time: number;
  readonly metric: string | null;
  readonly value: Value | Readonly<Record<string, Value>>;
  readonly code: string;
  readonly message: string;
  /** The sink that refused it. */
  readonly source: string;
}

/** A sink's refusal as it is kept: the value of the metric, or all values where the whole reading was refused. */
export function quarantined(rejection: Rejection, sink: string): QuarantinedValue {
  const { reading, metric } = rejection;
  const value = metric === undefined ? undefined : reading.values[metric];
  return {
    device: reading.device,
    time: Math.floor(reading.time / 1000),
    metric: metric ?? null,
    value: value ?? reading.values,
    code: rejection.code,
    message: rejection.message,
    source: sink,
  };
}
