import type { Reading, Value } from '@fieldline/journal';
import type { ExpectProfile, Verification } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import { type Command, hasEnded } from './command.js';

/** How long telemetry may take to show the effect, where the profile does not say. */
const WITHIN_MS = 10_000;
/** Longest that a timer of Node's may be set for. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What telemetry has to show of one command. */
interface Watch {
  command: Command;
  readonly metric: string;
  readonly expected: Value;
  readonly tolerance: number;
  readonly withinMs: number;
  /** Whether the last reading that came in time was the expected one; null before any came. */
  matches: boolean | null;
  timer: NodeJS.Timeout | null;
}

export interface VerifierOptions {
  readonly now: () => number;
  /** Told once for each watch. */
  readonly onVerdict: (command: Command, verdict: Exclude<Verification, 'pending'>) => void;
}

/**
 * Watches whether telemetry shows the effect of commands (`expect` in their profile): `verified` at the first matching
 * reading received after `sentAt`; when `within` has passed since the command ended, `contradicted` by the last reading
 * that came, or `unverified` where none did. A late answer is another end: the time runs anew.
 */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #byDevice = new Map<string, Watch[]>();

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Whether a command with this expectation can be watched at all: what it expects may hang on a missing parameter. */
  static expected(expect: ExpectProfile | null, params: Command['params']): Value | null {
    if (expect === null) return null;
    return 'value' in expect.equals ? expect.equals.value : (params[expect.equals.param] ?? null);
  }

  /** Whether a command is being watched. */
  watches(command: Command): boolean {
    return this.#find(command) !== undefined;
  }

  /** Watches a command from now on, until a verdict. Its `verification` is `pending`. */
  watch(command: Command, expect: ExpectProfile, expected: Value): void {
    const { metric, tolerance, withinMs } = expect;
    const watch = { command, metric, expected, tolerance, withinMs: withinMs ?? WITHIN_MS };
    const watches = this.#byDevice.get(command.device) ?? [];
    const added: Watch = { ...watch, matches: null, timer: null };
    watches.push(added);
    this.#byDevice.set(command.device, watches);
    this.#schedule(added);
  }

  /** The command has changed its state. One that the device refused has no effect to show. */
  changed(command: Command): void {
    const watch = this.#find(command);
    if (watch === undefined) return;
    watch.command = command;
    if (command.verification !== 'pending') this.#forget(watch);
    else this.#schedule(watch);
  }

  /** Looks at readings that have become durable. Costs nothing while no command is watched. */
  observe(readings: readonly Reading[]): void {
    if (this.#byDevice.size === 0) return;
    for (const reading of readings) {
      const watches = this.#byDevice.get(reading.device);
      if (watches === undefined) continue;
      for (const watch of [...watches]) this.#look(watch, reading);
    }
  }

  /**
   * Looks at what the device of a watched command has sent while nobody watched, as far as its latest values tell: when
   * they arrived is not kept, and their own time stands for it.
   */
  recall(command: Command, { metrics, lastReading }: Device): void {
    const watch = this.#find(command);
    if (watch === undefined || lastReading === null || lastReading > this.#options.now()) return;
    const { latestValue = null, latestTime = 0 } = metrics.get(watch.metric) ?? {};
    if (latestValue === null) return;
    const receivedAt = Math.min(latestTime, lastReading * 1_000);
    this.#look(watch, { values: { [watch.metric]: latestValue }, receivedAt });
  }

  close(): void {
    for (const watches of this.#byDevice.values())
      for (const { timer } of watches) clearTimeout(timer ?? undefined);
    this.#byDevice.clear();
  }

  #find({ id, device }: Command): Watch | undefined {
    return this.#byDevice.get(device)?.find(({ command }) => command.id === id);
  }

  #look(watch: Watch, { values, receivedAt }: Pick<Reading, 'values' | 'receivedAt'>): void {
    const value = Object.hasOwn(values, watch.metric) ? values[watch.metric] : undefined;
    if (value === undefined || receivedAt <= (watch.command.sentAt ?? 0) * 1_000) return;
    watch.matches = isExpected(watch, value);
    if (watch.matches) this.#judge(watch, 'verified');
  }

  /** Once the command has ended, the time runs within which its effect has to show. */
  #schedule(watch: Watch): void {
    const { finishedAt } = watch.command;
    if (!hasEnded(watch.command) || finishedAt === null) return;
    clearTimeout(watch.timer ?? undefined);
    const leftMs = Math.min(finishedAt + watch.withinMs - this.#options.now(), watch.withinMs, MAX_TIMER_MS);
    watch.timer = setTimeout(
      () => {
        this.#judge(watch, watch.matches === null ? 'unverified' : 'contradicted');
      },
      Math.max(0, leftMs),
    ).unref();
  }

  #judge(watch: Watch, verdict: Exclude<Verification, 'pending'>): void {
    this.#forget(watch);
    this.#options.onVerdict(watch.command, verdict);
  }

  #forget(watch: Watch): void {
    clearTimeout(watch.timer ?? undefined);
    const { device } = watch.command;
    const rest = (this.#byDevice.get(device) ?? []).filter((one) => one !== watch);
    if (rest.length > 0) this.#byDevice.set(device, rest);
    else this.#byDevice.delete(device);
  }
}

function isExpected({ expected, tolerance }: Watch, value: Value): boolean {
  if (typeof value === 'number' && typeof expected === 'number')
    return Math.abs(value - expected) <= tolerance;
  return value === expected;
}
