import type { SystemSample } from '@fieldline/protocol/browser';
import { num } from '../format/number.js';
import { brief } from '../format/size.js';
import { sinkNames, system as words } from '../strings/system.js';
import { withBreaks } from './breaks.js';
import { rate, syncMs } from './figures.js';
import { KEPT_MS, type SystemNews } from './system-watch.js';
import { TrendPanel } from './trend-panel.js';
import type { Trend } from './trend-plot.js';

/** Without samples for so many lengths of one the line is broken: nobody looked. */
const BREAK_AFTER = 3;

/** The last minutes as small charts: what came in, how fast it was on disk, and what waits where. */
export function Trends({ news: { view, samples } }: { news: SystemNews }) {
  const rows = withBreaks(samples, BREAK_AFTER * view.sampleMs);
  const shared = { from: view.at - KEPT_MS, to: view.at, times: rows.map(({ at }) => at) };
  const trend = (name: string, value: (sample: SystemSample) => number | null | undefined): Trend => ({
    name,
    values: rows.map(({ sample }) => (sample === null ? null : (value(sample) ?? null))),
  });
  const sources = namesOf(samples, ({ messages }) => messages);
  const sinks = namesOf(samples, ({ lag }) => lag);
  const last = samples.at(-1);
  return (
    <div class="cols-3">
      <TrendPanel
        {...shared}
        title={words.trends.messages}
        label={words.trends.label(
          words.trends.messages,
          sources.map((name) => `${words.sources(name)} ${rate(last?.messages[name] ?? 0)}`),
        )}
        trends={sources.map((name) => trend(words.sources(name), ({ messages }) => messages[name]))}
        least={1}
        tick={brief}
        figure={rate}
      />
      <TrendPanel
        {...shared}
        title={words.trends.sync}
        says={words.trends.syncSays}
        label={words.trends.label(words.trends.sync, [
          last?.sync
            ? `${words.trends.median} ${syncMs(last.sync.median)}, ${words.trends.p99} ${syncMs(last.sync.p99)}`
            : words.trends.none,
        ])}
        trends={[
          trend(words.trends.median, ({ sync }) => sync?.median),
          trend(words.trends.p99, ({ sync }) => sync?.p99),
        ]}
        least={1}
        tick={(value) => num(value, Number.isInteger(value) ? 0 : 1)}
        figure={syncMs}
      />
      <TrendPanel
        {...shared}
        title={words.trends.lag}
        label={words.trends.label(
          words.trends.lag,
          sinks.map((name) => `${sinkNames(name)} ${brief(last?.lag[name] ?? 0)}`),
        )}
        trends={sinks.map((name) => trend(sinkNames(name), ({ lag }) => lag[name]))}
        least={10}
        tick={brief}
        figure={brief}
      />
    </div>
  );
}

function namesOf(
  samples: readonly SystemSample[],
  of: (sample: SystemSample) => Readonly<Record<string, number>>,
): string[] {
  const names = new Set(samples.flatMap((sample) => Object.keys(of(sample))));
  return [...names].slice(0, 6);
}
