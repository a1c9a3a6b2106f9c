import { type MetricProfile, type Profile, unitOf } from '@fieldline/protocol';
import type { Override, PanelDraft, Target, ValueMapping } from '../model.js';
import type { GenerateOptions } from '../options.js';
import { deviceGapMs } from '../queries/hub-reports.js';
import { anyOf, fieldOf, lately, literal, refId, source, table } from '../queries/influxql.js';
import { boardSuffix, DEVICE_BOARD, NO_PROFILE } from '../uids.js';
import { CONNECTION_LOOK } from './connection.js';
import { arranged, column, tablePanel } from './table.js';

/** A column that profiles fill: the first of their metrics that is one. */
interface ProfileColumn {
  readonly name: string;
  readonly title: string;
  readonly isOne: (metric: MetricProfile) => boolean;
}

const SIGNAL_UNIT = 'dB[mW]';

const COLUMNS: readonly ProfileColumn[] = [
  {
    name: 'signal',
    title: 'Signal',
    isOne: ({ unit, name }) => unit === SIGNAL_UNIT || /^(rssi|signal)/i.test(name),
  },
  { name: 'battery', title: 'Battery', isOne: ({ name }) => /^batt/i.test(name) },
];

/** All devices with what matters of each, and the way to their boards. */
export function deviceTable(
  profiles: readonly Profile[],
  { influxVersion, reportMs }: Pick<GenerateOptions, 'influxVersion' | 'reportMs'>,
): PanelDraft {
  const main = table(
    'SELECT last("firmware") AS "firmware", last("reboots") AS "reboots" FROM "fieldline_device" ' +
      'WHERE $timeFilter GROUP BY "device", "profile"',
  );
  const now = table(
    'SELECT last("state") AS "state", last("age") AS "age" FROM "fieldline_device" ' +
      `WHERE ${lately(deviceGapMs(reportMs))} GROUP BY "device"`,
    refId(2),
  );
  const targets: Target[] = [main, boardNumbers(profiles), now];
  const overrides: Override[] = [];
  for (const wanted of COLUMNS) {
    for (const { metric, name, from } of found(wanted, profiles, influxVersion)) {
      const query = `SELECT last(${name}) AS "${wanted.name}" FROM ${from} WHERE $timeFilter GROUP BY "device"`;
      targets.push(table(query, refId(targets.length)));
      overrides.push(unitOverride(wanted, metric));
    }
  }
  return tablePanel({
    ...{ key: 'device table', title: 'Devices', w: 24, h: 12 },
    description: 'While the hub is silent the states of devices are not known, and not shown.',
    targets,
    overrides: [
      column('device', 'Device', { links: [{ title: 'Show the device', url: LINK }] }),
      column('profile', 'Profile'),
      column('board', 'Board', boardNames(profiles)),
      column('state', 'State', {
        mappings: CONNECTION_LOOK.mappings,
        'custom.cellOptions': { type: 'color-text' },
      }),
      column('age', 'Last reading ago', { unit: 's', decimals: 0 }),
      column('firmware', 'Firmware'),
      column('reboots', 'Reboots'),
      ...overrides,
    ],
    transformations: [
      { id: 'joinByField', options: { byField: 'device', mode: 'outer' } },
      arranged(
        ['device', 'profile', 'state', 'age', 'firmware', 'reboots'],
        ['Time', ...targets.map((_, at) => `Time ${at + 1}`)],
      ),
    ],
    sortBy: { displayName: 'Device', desc: false },
  });
}

/** The metrics of a column: profiles that call it the same and measure it alike are asked together. */
function found({ isOne }: ProfileColumn, profiles: readonly Profile[], influxVersion: 1 | 2 | 3) {
  const byLook = new Map<string, { metric: MetricProfile; name: string; from: string }>();
  for (const profile of profiles) {
    const metric = [...profile.metrics.values()].find((one) => one.type === 'number' && isOne(one));
    if (metric === undefined) continue;
    const name = fieldOf(metric, profile);
    const key = `${name} ${metric.unit}`;
    const before = byLook.get(key);
    const from = source(profile, influxVersion);
    byLook.set(key, { metric, name, from: before === undefined ? from : `${before.from}, ${from}` });
  }
  return byLook.values();
}

/** InfluxDB puts the field's name behind the one that was asked for. */
function unitOverride({ name, title }: ProfileColumn, metric: MetricProfile): Override {
  const { unit, decimals } = metric;
  const { properties } = column(name, title, {
    ...(unit === null ? {} : { unit: unitOf(unit).grafana }),
    ...(decimals === null ? {} : { decimals }),
  });
  return {
    matcher: { id: 'byRegexp', options: `/^${name}_${metric.name.replace(/[.]/g, '\\.')}/` },
    properties,
  };
}

/**
 * By numbers which board shows a device: the place of its profile among those that have one, and 0 for the others.
 * InfluxQL gives no texts of its own.
 */
function boardNumbers(profiles: readonly Profile[]): Target {
  const numbered = (number: number, which: string) =>
    `(SELECT ${number} + 0 * last("online") AS "board" FROM "fieldline_device" ` +
    `WHERE "profile" ${which} AND $timeFilter GROUP BY "device")`;
  const known = profiles.map(({ name }, at) => numbered(at + 1, `= ${literal(name)}`));
  const others = numbered(0, `!~ ${anyOf(profiles.map(({ name }) => name))}`);
  const all = [others, ...known].join(', ');
  return table(`SELECT last("board") AS "board" FROM ${all} WHERE $timeFilter GROUP BY "device"`, refId(1));
}

/** What a number stands for in the address of a board. The column is there for the links: nobody needs to see it. */
function boardNames(profiles: readonly Profile[]): Record<string, unknown> {
  const names = [NO_PROFILE, ...profiles.map(({ name }) => boardSuffix(name))];
  const options = Object.fromEntries(names.map((text, number) => [number, { text }]));
  const mappings: ValueMapping[] = [{ type: 'value', options }];
  // Grafana 12 and 13 each have their own word for it.
  return { mappings, 'custom.hidden': true, 'custom.hideFrom': { legend: false, tooltip: false, viz: true } };
}

/** A value of the same row. */
function field(name: string): string {
  return `$${'{'}__data.fields.${name}}`;
}

/** The board of a device's profile, or the one of devices that no board is made for. */
const LINK =
  `/d/${DEVICE_BOARD}${field('board.text')}?var-profile=${field('profile')}&var-device=${field('device')}` +
  `&$${'{'}__url_time_range}`;
