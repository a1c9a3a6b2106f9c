/** One number that was measured, beside the number that was promised. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The value shall be at most this, or at least, where `least` is set; null for one that is only told. */
  readonly target: number | null;
  readonly least?: true;
  /** Load, durations and how it was taken, in a sentence. */
  readonly conditions: string;
}

/** What a figure gets from the runner. */
export interface Bench {
  /** True for short runs, which tell less. */
  readonly quick: boolean;
  /** How hubs are started: flags for Node, such as `--cpu-prof`, and settings beside the usual ones. */
  readonly hub: { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** A new, empty directory on the disk that is measured; removed after the figure. */
  directory(name: string): Promise<string>;
  /** Tells on stderr what is going on. */
  note(text: string): void;
  /** Has something closed after the figure, also when it fails. Last in, first out. */
  defer(close: () => Promise<unknown> | unknown): void;
}

/** One benchmark: a situation, and the numbers taken in it. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  run(bench: Bench): Promise<readonly Measurement[]>;
}

/** Null for a number without a target. */
export function passes({ value, target, least }: Measurement): boolean | null {
  if (target === null) return null;
  return least ? value >= target : value <= target;
}
