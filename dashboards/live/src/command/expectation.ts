import { type CommandView, parseDuration, type Value } from '@fieldline/protocol/browser';
import { lookOf, type MetricLook } from '../format/metric.js';
import type { DeviceProfile } from '../live/profiles.js';
import { figureWords } from './figure-words.js';

/** What a reading has to show of a command's effect, and how long that may take. */
export interface Expectation {
  readonly look: MetricLook;
  readonly value: Value;
  readonly withinMs: number;
}

/** Where the profile does not say, the hub waits so long (protocol §3 "Commands"). */
const WITHIN_MS = 10_000;
const ANSWER_MS = 10_000;

/** What the profile expects of a command with these parameters; null where it expects nothing. */
export function expectationOf(
  profile: DeviceProfile,
  { name, params }: Pick<CommandView, 'name' | 'params'>,
): Expectation | null {
  const expect = profile.commands?.[name]?.expect;
  if (expect === undefined) return null;
  const param = paramOf(expect.equals);
  const value = param === null ? expect.equals : (params[param] ?? null);
  if (value === null) return null;
  const withinMs = (expect.within && parseDuration(expect.within)) || WITHIN_MS;
  return { look: lookOf(expect.metric, undefined, profile.metrics[expect.metric]), value, withinMs };
}

/** The parameter that `equals: $on` stands for; null for a fixed value. */
export function paramOf(equals: Value): string | null {
  return typeof equals === 'string' && equals.startsWith('$') ? equals.slice(1) : null;
}

/** How long the hub waits for the device's answer. */
export function answerMs(profile: DeviceProfile, name: string): number {
  const timeout = profile.commands?.[name]?.timeout;
  return (timeout && parseDuration(timeout)) || ANSWER_MS;
}

/** "Relay on", "Set point 3.5 °C": a reading in words. */
export function readingWords(look: MetricLook, value: Value): string {
  return `${look.title} ${figureWords(look, value)}`;
}
