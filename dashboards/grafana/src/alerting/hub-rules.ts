import type { GenerateOptions } from '../options.js';
import { reportGapMs } from '../queries/hub-reports.js';
import { panelId } from '../uids.js';
import { type Rule, rule } from './rule.js';

/** So long is looked back at least, so that a single report that is late does no harm. */
const LEAST_WINDOW_MS = 120_000;
/** The hub writes of 500 devices at a time, in turn: within this time of all of a fleet of thirty thousand. */
const DEVICES_WINDOW_MS = 600_000;
/** A sink that is so far behind does not catch up by itself any more. */
const MOST_LAG = 50_000;

/** Rules about the hub and the devices' connections, from what the hub writes of itself; none where it does not. */
export function hubRules({ reportMs }: GenerateOptions): Rule[] {
  if (reportMs === 0) return [];
  const windowMs = Math.max(LEAST_WINDOW_MS, reportGapMs(reportMs));
  const minutes = Math.ceil(windowMs / 60_000);
  return [
    rule({
      ...{ uid: 'fl-hub-silent', title: 'The hub is silent', severity: 'alarm', windowMs, for: '1m' },
      query: 'SELECT count("readings") FROM "fieldline_hub" WHERE $timeFilter',
      limit: { is: 'below', value: 1 },
      summary: `The hub has written nothing to InfluxDB for ${minutes} minutes: it is down, or InfluxDB is`,
      noData: 'Alerting',
    }),
    rule({
      ...{ uid: 'fl-hub-journal', title: 'Nothing can be journaled', severity: 'alarm', windowMs, for: '0s' },
      query: 'SELECT last("journal_trouble") FROM "fieldline_hub" WHERE $timeFilter',
      limit: { is: 'above', value: 0 },
      summary: 'The hub cannot write its journal, and acknowledges nothing: look at its disk',
    }),
    rule({
      ...{ uid: 'fl-hub-lag', title: 'A sink is far behind', severity: 'warn', windowMs, for: '5m' },
      query: 'SELECT last("lag") FROM "fieldline_sink" WHERE $timeFilter GROUP BY "sink"',
      limit: { is: 'above', value: MOST_LAG },
      summary: `The sink {{ .Labels.sink }} has more than ${MOST_LAG} readings before it`,
      panel: { board: 'fieldline-ingest', id: panelId('lag') },
    }),
    rule({
      ...{ uid: 'fl-device-stale', title: 'A device is stale', severity: 'warn', for: '1m' },
      windowMs: Math.max(DEVICES_WINDOW_MS, windowMs),
      query: 'SELECT last("stale") FROM "fieldline_device" WHERE $timeFilter GROUP BY "device"',
      limit: { is: 'above', value: 0 },
      summary: 'Readings of {{ .Labels.device }} are overdue',
      panel: { board: 'fieldline-freshness', id: panelId('freshness') },
    }),
    rule({
      ...{ uid: 'fl-command-contradicted', title: 'A command was contradicted', severity: 'warn' },
      ...{ windowMs: Math.max(600_000, windowMs), for: '0s' },
      // Not the commands: their points stand where they were asked for, which may be long ago.
      query: `SELECT count("title") FROM "fieldline_event" WHERE "kind" = 'contradicted' AND $timeFilter GROUP BY "device"`,
      limit: { is: 'above', value: 0 },
      summary: '{{ .Labels.device }} said that a command was done, and its readings show something else',
      panel: { board: 'fieldline-commands', id: panelId('contradicted') },
    }),
  ];
}
