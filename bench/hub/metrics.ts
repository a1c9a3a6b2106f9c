import type { HubProcess } from './hub-process.js';

/** The hub's metrics at one moment, in Prometheus' text format. */
export class MetricsText {
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  static async read(hub: HubProcess): Promise<MetricsText> {
    return new MetricsText(String(await hub.api('GET', '/metrics')));
  }

  /** The value of a series, named as it stands there: `name{label="value"}`; 0 when it is not there. */
  value(series: string): number {
    const line = this.#lines.find((one) => one.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length + 1));
  }
}

/** Resolves when the sink has confirmed everything that the journal holds. Asking costs the hub some ms each time. */
export async function sinkCaughtUp(
  hub: HubProcess,
  sink: string,
  withinMs: number,
  everyMs = 100,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const metrics = await MetricsText.read(hub);
    const lag = metrics.value(`fieldline_sink_lag_readings{sink="${sink}"}`);
    if (lag === 0) return;
    if (performance.now() > deadlineMs) throw new Error(`${sink} still lags by ${lag} readings`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
