import type { Override, PanelDraft, Target } from '../model.js';
import { refId, series, table } from '../queries/influxql.js';
import { stat } from './stat.js';
import { arranged, column, tablePanel } from './table.js';
import { thresholds } from './thresholds.js';
import { timeSeries } from './time-series.js';

/** How a command may end (protocol §3 "Commands"), and the colour of it. */
const OUTCOMES = [
  ['succeeded', 'green'],
  ['failed', 'red'],
  ['rejected', 'dark-orange'],
  ['timed_out', 'purple'],
  ['expired', 'orange'],
  ['cancelled', 'blue'],
] as const;

const OUTCOME_COLORS: readonly Override[] = OUTCOMES.map(([state, fixedColor]) => ({
  matcher: { id: 'byName', options: state },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
}));

/** How many commands there were of each outcome, where `rest` of the query says when. */
function countsByOutcome(rest: string): Target[] {
  return OUTCOMES.map(([state], at) =>
    series(`SELECT count("id") FROM "fieldline_command" WHERE "state" = '${state}' AND $timeFilter${rest}`, {
      ...{ refId: refId(at), alias: state },
    }),
  );
}

/** How many commands were given, by their outcome. */
export function commandRates(): PanelDraft {
  return timeSeries({
    ...{ key: 'rates', title: 'Commands, by outcome', w: 24, h: 8, style: 'bars', interval: '1m' },
    description: 'At the time when they were asked for. Of timed_out the outcome is unknown.',
    targets: countsByOutcome(' GROUP BY time($__interval) fill(none)'),
    overrides: OUTCOME_COLORS,
    defaults: { min: 0, decimals: 0 },
  });
}

/** The same over the whole range. */
export function commandOutcomes(): PanelDraft {
  return stat({
    ...{ key: 'outcomes', title: 'In this range', w: 18, h: 4, names: true },
    targets: countsByOutcome(''),
    overrides: OUTCOME_COLORS,
    defaults: { decimals: 0, noValue: '0' },
  });
}

/** Commands after which telemetry showed something else. */
export function contradicted(): PanelDraft {
  const query = `SELECT count("id") FROM "fieldline_command" WHERE "verification" = 'contradicted' AND $timeFilter`;
  return stat({
    ...{ key: 'contradicted', title: 'Contradicted', w: 6, h: 4 },
    description: 'The device said that it was done, and its readings showed something else.',
    targets: [series(query, { alias: 'Contradicted' })],
    defaults: { decimals: 0, noValue: '0', thresholds: thresholds('green', [1, 'red']) },
  });
}

/** How long devices took to answer. */
export function roundTrips(): PanelDraft {
  const query = (aggregate: string) =>
    `SELECT ${aggregate} FROM "fieldline_command" WHERE $timeFilter GROUP BY time($__interval) fill(none)`;
  return timeSeries({
    ...{ key: 'round trips', title: 'Round trips', w: 12, h: 8, interval: '1m', spanNulls: true },
    description: 'From sending a command to its answer.',
    targets: [
      series(query('median("round_trip")'), { refId: 'A', alias: 'median' }),
      series(query('percentile("round_trip", 95)'), { refId: 'B', alias: '95th percentile' }),
      series(query('max("round_trip")'), { refId: 'C', alias: 'longest' }),
    ],
    defaults: { unit: 's', min: 0 },
  });
}

/** By what was asked for. */
export function commandsByName(): PanelDraft {
  const query =
    'SELECT count("id") AS "count", median("round_trip") AS "median", max("round_trip") AS "longest" ' +
    'FROM "fieldline_command" WHERE $timeFilter GROUP BY "name"';
  return tablePanel({
    ...{ key: 'by name', title: 'By command', w: 12, h: 8 },
    targets: [table(query)],
    overrides: [
      column('name', 'Command'),
      column('count', 'Given', { decimals: 0 }),
      column('median', 'Median round trip', { unit: 's' }),
      column('longest', 'Longest', { unit: 's' }),
    ],
    transformations: [arranged(['name', 'count', 'median', 'longest'], ['Time'])],
    sortBy: { displayName: 'Given', desc: true },
  });
}

/** The newest of them. */
export function lastCommands(): PanelDraft {
  const query =
    'SELECT "device", "name", "state", "verification", "code", "waited", "round_trip" FROM "fieldline_command" ' +
    'WHERE $timeFilter ORDER BY time DESC LIMIT 100';
  return tablePanel({
    ...{ key: 'last', title: 'Last 100 commands', w: 24, h: 10 },
    targets: [table(query)],
    overrides: [
      column('device', 'Device'),
      column('name', 'Command'),
      column('state', 'State'),
      column('verification', 'Seen in readings'),
      column('code', 'Error'),
      column('waited', 'Waited', { unit: 's' }),
      column('round_trip', 'Round trip', { unit: 's' }),
    ],
    sortBy: { displayName: 'Time', desc: true },
  });
}
