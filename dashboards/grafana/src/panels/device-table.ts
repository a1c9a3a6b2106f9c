import { type MetricProfile, type Profile, unitOf } from '@fieldline/protocol';
import type { FieldDefaults, Override, PanelDraft, Target } from '../model.js';
import { fieldOf, refId, source, table } from '../queries/influxql.js';
import { boardSuffix, DEVICE_BOARD } from '../uids.js';
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
export function deviceTable(profiles: readonly Profile[], influxVersion: 1 | 2 | 3): PanelDraft {
  const main = table(
    'SELECT last("state") AS "state", last("age") AS "age", last("firmware") AS "firmware", ' +
      'last("reboots") AS "reboots" FROM "fieldline_device" WHERE $timeFilter GROUP BY "device", "profile"',
  );
  const targets: Target[] = [main];
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
    targets,
    overrides: [
      column('device', 'Device', { links: [{ title: 'Show the device', url: linkOf(profiles) }] }),
      column('profile', 'Profile', suffixMappings(profiles)),
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
      arranged(['device', 'profile', 'state', 'age'], ['Time', ...targets.map((_, at) => `Time ${at + 1}`)]),
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

/** Where a profile's name cannot stand in the address of its board, what can is shown in its place. */
function suffixMappings(profiles: readonly Profile[]): Pick<FieldDefaults, 'mappings'> {
  const others = profiles.filter(({ name }) => boardSuffix(name) !== name);
  if (others.length === 0) return {};
  const options = Object.fromEntries(others.map(({ name }) => [name, { text: boardSuffix(name) }]));
  return { mappings: [{ type: 'value', options }] };
}

function linkOf(profiles: readonly Profile[]): string {
  const isPlain = profiles.every(({ name }) => boardSuffix(name) === name);
  const suffix = isPlain ? field('profile') : field('profile.text');
  return `/d/${DEVICE_BOARD}${suffix}?var-device=${field('device')}&$${'{'}__url_time_range}`;
}

/** A value of the same row. */
function field(name: string): string {
  return `$${'{'}__data.fields.${name}}`;
}
