import type { InfluxClient } from '../../sinks/influx/client.js';
import type { Fields } from '../../sinks/influx/fields.js';
import { InfluxError } from '../../sinks/influx/influx-error.js';
import type { DeviceTerm } from './source.js';

export interface MeasurementsOptions {
  readonly client: InfluxClient;
  readonly fields: Pick<Fields, 'measurements'>;
  /** Where readings of a device go at this moment. */
  readonly current: (device: string) => string;
  readonly now: () => number;
}

/** How long an answer is taken for true: as long as it may take until a renamed profile is seen. */
const FRESH_MS = 60_000;
const MAX_DEVICES = 10_000;

/** In which measurements readings of a device are: more than one, when its profile was changed. */
export class MeasurementsOf {
  readonly #options: MeasurementsOptions;
  readonly #found = new Map<string, { readonly at: number; readonly names: readonly string[] }>();

  constructor(options: MeasurementsOptions) {
    this.#options = options;
  }

  /** Only those that have fields. @throws InfluxError */
  async of(device: string, term: DeviceTerm): Promise<readonly string[]> {
    const known = new Set(this.#options.fields.measurements());
    const current = this.#options.current(device);
    const names = known.size < 2 ? [...known] : await this.#ask(device, term, current);
    return [...new Set([...names, current])].filter((name) => known.has(name)).sort();
  }

  /** Forgets what was found: the database is another one. */
  clear(): void {
    this.#found.clear();
  }

  async #ask(
    device: string,
    { term, placeholders }: DeviceTerm,
    current: string,
  ): Promise<readonly string[]> {
    const { client, fields, now } = this.#options;
    const found = this.#found.get(device);
    if (found !== undefined && now() - found.at < FRESH_MS) return found.names;
    let names: string[];
    try {
      const rows = await client.rows(`SHOW MEASUREMENTS WHERE "device" = ${term}`, { placeholders });
      names = rows.map(({ name }) => String(name));
    } catch (error) {
      if (!(error instanceof InfluxError) || error.kind !== 'refused') throw error;
      // Not every version takes a condition here. To look everywhere is slower, not wrong.
      names = [...fields.measurements()];
    }
    if (this.#found.size >= MAX_DEVICES) this.#found.clear();
    // Also where they go now: if that changes, those that are under way are still there.
    this.#found.set(device, { at: now(), names: [...names, current] });
    return names;
  }
}
