import type { Profile } from '@fieldline/protocol';
import type { GenerateOptions } from '../options.js';
import { deviceGapMs, reportGapMs } from '../queries/hub-reports.js';
import { anyOf } from '../queries/influxql.js';
import { panelId } from '../uids.js';
import { type Rule, rule } from './rule.js';

/** So long is looked back at least, so that a single report that is late does no harm. */
const LEAST_WINDOW_MS = 120_000;
/** Readings that wait for a sink for so many minutes are in trouble, few or many. */
const MOST_MINUTES = 10;

/** For so long it is told that a command was contradicted. */
const CONTRADICTED_MS = 600_000;

/** Rules about the hub and the devices' connections, from what the hub writes of itself; none where it does not. */
export function hubRules({ reportMs }: GenerateOptions, profiles: readonly Profile[] = []): Rule[] {
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
      query: 'SELECT last("oldest") FROM "fieldline_sink" WHERE $timeFilter GROUP BY "sink"',
      limit: { is: 'above', value: MOST_MINUTES * 60 },
      summary: `Readings have waited for the sink {{ .Labels.sink }} for more than ${MOST_MINUTES} minutes`,
      panel: { board: 'fieldline-ingest', id: panelId('lag') },
    }),
    rule({
      ...{ uid: 'fl-hub-skipped', title: 'A sink lost readings', severity: 'alarm', windowMs, for: '0s' },
      // It counts from the hub's start: a fall is no loss.
      query:
        'SELECT sum("rise") FROM (SELECT non_negative_difference("skipped") AS "rise" FROM "fieldline_sink" ' +
        'WHERE $timeFilter GROUP BY "sink") WHERE $timeFilter GROUP BY "sink"',
      limit: { is: 'above', value: 0 },
      summary: 'The journal let readings go that the sink {{ .Labels.sink }} did not have yet',
      panel: { board: 'fieldline-ingest', id: panelId('lag') },
    }),
    ...staleRules(profiles, Math.max(deviceGapMs(reportMs), windowMs)),
    rule({
      ...{ uid: 'fl-command-contradicted', title: 'A command was contradicted', severity: 'warn' },
      ...{ windowMs: Math.max(CONTRADICTED_MS, windowMs), for: '0s' },
      // Not the commands: their points stand where they were asked for, which may be long ago.
      query: `SELECT count("title") FROM "fieldline_event" WHERE "kind" = 'contradicted' AND $timeFilter GROUP BY "device"`,
      limit: { is: 'above', value: 0 },
      summary: '{{ .Labels.device }} said that a command was done, and its readings show something else',
      panel: { board: 'fieldline-commands', id: panelId('contradicted') },
    }),
  ];
}

/**
 * Who is told that a device is stale. One whose profile has limits of alarm may have died of what they are there for,
 * and takes the alarm about its readings with it: that is an alarm itself, at any time.
 */
function staleRules(profiles: readonly Profile[], windowMs: number): Rule[] {
  const isWatched = ({ metrics }: Profile) => [...metrics.values()].some(({ alarm }) => alarm !== null);
  const watched = profiles.filter(isWatched).map(({ name }) => name);
  const made = (uid: string, title: string, severity: 'warn' | 'alarm', which: string) =>
    rule({
      ...{ uid, title, severity, windowMs, for: '1m' },
      query: `SELECT last("stale") FROM "fieldline_device" WHERE ${which}$timeFilter GROUP BY "device"`,
      limit: { is: 'above', value: 0 },
      summary: 'Readings of {{ .Labels.device }} are overdue',
      panel: { board: 'fieldline-freshness', id: panelId('freshness') },
    });
  const those = anyOf(watched);
  return [
    made('fl-device-stale', 'A device is stale', 'warn', `"profile" !~ ${those} AND `),
    made('fl-device-stale-alarm', 'A device with alarms is stale', 'alarm', `"profile" =~ ${those} AND `),
  ];
}
