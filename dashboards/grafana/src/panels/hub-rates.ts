import type { FieldDefaults, PanelDraft } from '../model.js';
import { reportInterval } from '../queries/hub-reports.js';
import { refId, series } from '../queries/influxql.js';
import { timeSeries } from './time-series.js';

/** One counter of `fieldline_hub`, or of another measurement by a tag. */
interface Counted {
  readonly field: string;
  readonly alias: string;
  readonly measurement?: string;
  readonly tag?: string;
}

interface RatesDraft {
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly counted: readonly Counted[];
  readonly style?: 'line' | 'bars' | 'stacked';
  readonly defaults?: FieldDefaults;
  /** How often in an interval, and not in a second. */
  readonly perInterval?: boolean;
}

/** How fast counters rise. They begin at zero when the hub starts: what falls is left out. */
function rates(
  reportMs: number,
  { counted, perInterval = false, defaults = {}, ...draft }: RatesDraft,
): PanelDraft {
  const rise = (field: string) =>
    perInterval
      ? `non_negative_difference(last("${field}"))`
      : `non_negative_derivative(last("${field}"), 1s)`;
  return timeSeries({
    ...{ w: 12, h: 8, interval: reportInterval(reportMs), ...draft },
    targets: counted.map(({ field, alias, measurement = 'fieldline_hub', tag }, at) =>
      series(
        `SELECT ${rise(field)} FROM "${measurement}" WHERE $timeFilter ` +
          `GROUP BY time($__interval)${tag === undefined ? '' : `, ${tag}`} fill(none)`,
        { refId: refId(at), alias },
      ),
    ),
    defaults: { min: 0, ...defaults },
  });
}

/** What comes in. */
export function ingestRates(reportMs: number): PanelDraft[] {
  return [
    rates(reportMs, {
      ...{ key: 'messages', title: 'Messages per second', style: 'stacked', defaults: { unit: 'cps' } },
      counted: [
        { field: 'messages_ws', alias: 'WebSocket' },
        { field: 'messages_http', alias: 'HTTP' },
        { field: 'messages_mqtt', alias: 'MQTT' },
      ],
    }),
    rates(reportMs, {
      ...{ key: 'readings', title: 'Readings per second', defaults: { unit: 'cps' } },
      description: 'Accepted by the hub, and confirmed by each sink.',
      counted: [
        { field: 'readings', alias: 'accepted' },
        { field: 'written', alias: 'written to $tag_sink', measurement: 'fieldline_sink', tag: '"sink"' },
      ],
    }),
    rates(reportMs, {
      ...{ key: 'rejects', title: 'Values refused, by reason', style: 'bars', perInterval: true },
      description: 'Each of them is in the quarantine of its device.',
      counted: [{ field: 'count', alias: '$tag_code', measurement: 'fieldline_reject', tag: '"code"' }],
    }),
    rates(reportMs, {
      ...{ key: 'quarantine', title: 'Put into the quarantine', style: 'bars', perInterval: true },
      description: 'All values refused, and the messages that were best effort and dropped.',
      counted: [
        { field: 'rejected', alias: 'quarantined' },
        { field: 'best_effort_dropped', alias: 'dropped' },
      ],
    }),
  ];
}

/** What the sinks could not do at the first try. */
export function sinkRetries(reportMs: number): PanelDraft {
  return rates(reportMs, {
    ...{ key: 'retries', title: 'Failed writes, tried again', style: 'bars', perInterval: true },
    counted: [
      {
        ...{ field: 'count', alias: '$tag_sink: $tag_kind', measurement: 'fieldline_sink_error' },
        tag: '"sink", "kind"',
      },
    ],
  });
}
