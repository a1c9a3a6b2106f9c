import { type ReadonlySignal, signal } from '@preact/signals';

export type Severity = 'warn' | 'alarm';

const map = signal<ReadonlyMap<string, Severity>>(new Map());

/** The devices with a raised alarm that somebody has to care for, by id, each with its worst. */
export const raised: ReadonlySignal<ReadonlyMap<string, Severity>> = map;

/** Takes what the watch over alarms knows now, as a whole. */
export function noteRaised(devices: ReadonlyMap<string, Severity>): void {
  map.value = devices;
}
