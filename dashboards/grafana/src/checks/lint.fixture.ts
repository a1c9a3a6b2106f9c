import * as units from '@grafana/grafana-foundation-sdk/units';
import type { FoundBoard, FoundPanel } from './files.fixture.js';

const UNITS: ReadonlySet<string> = new Set(Object.values(units) as string[]);
/** Of Grafana's own macros and variables, those that are used. */
const BUILT_IN = [
  'timeFilter',
  '__interval',
  '__interval_ms',
  '__range_ms',
  '__from',
  '__to',
  '__url_time_range',
  '__data',
];
/** In an alias these stand for what InfluxDB answered. */
const IN_ALIAS = ['col', 'tag_device', 'tag_sink', 'tag_code', 'tag_kind'];

/** What Grafana would take, and show wrongly or not at all. */
export function lintBoards(boards: readonly FoundBoard[]): string[] {
  return [
    ...repeated(boards.map(({ uid }) => uid)).map((uid) => `uid ${uid} is there twice`),
    ...repeated(boards.map(({ title }) => title)).map((title) => `title ${title} is there twice`),
    ...boards.flatMap((board) => lintBoard(board).map((fault) => `${board.uid}: ${fault}`)),
  ];
}

function lintBoard(board: FoundBoard): string[] {
  const { uid, panels } = board;
  return [
    ...(/^[A-Za-z0-9_-]{1,40}$/.test(uid) ? [] : ['Grafana would not take the uid']),
    ...repeated(panels.map(({ id }) => String(id))).map((id) => `panel id ${id} is there twice`),
    ...overlaps(panels),
    ...panels.flatMap(lintPanel),
    ...unknownVariables(board),
  ];
}

function lintPanel({ title, targets = [], fieldConfig }: FoundPanel): string[] {
  const said = fieldConfig?.overrides.flatMap(({ properties }) => properties) ?? [];
  const overridden = said.filter(({ id }) => id === 'unit').map(({ value }) => String(value));
  const used = [
    ...(fieldConfig?.defaults.unit === undefined ? [] : [fieldConfig.defaults.unit]),
    ...overridden,
  ];
  return [
    ...used.filter((unit) => !isUnit(unit)).map((unit) => `${title}: Grafana does not know the unit ${unit}`),
    ...repeated(targets.map(({ refId }) => refId)).map((refId) => `${title}: query ${refId} is there twice`),
    ...targets
      .filter(({ query }) => !query.includes('$timeFilter') && !query.startsWith('SHOW '))
      .map(({ refId }) => `${title}: query ${refId} asks for all times`),
  ];
}

function isUnit(unit: string): boolean {
  return UNITS.has(unit) || unit.startsWith('suffix:');
}

function unknownVariables({ templating, panels, annotations, links }: FoundBoard): string[] {
  const own = templating.list.map(({ name }) => name);
  const known = new Set([...own, ...BUILT_IN]);
  const texts = [
    ...panels.flatMap(({ targets = [] }) => targets.map(({ query }) => query)),
    ...annotations.list.flatMap(({ target }) => target?.query ?? []),
    ...links.flatMap(({ url }) => url ?? []),
    ...templating.list.filter(({ type }) => type === 'query').map(({ query }) => query),
  ];
  const aliases = panels.flatMap(({ targets = [] }) => targets.flatMap(({ alias }) => alias ?? []));
  return [
    ...namesIn(texts).filter((name) => !known.has(name)),
    // An alias may hold words of people: `$5` is no variable of anybody.
    ...namesIn(aliases).filter((name) => name.startsWith('tag_') && !IN_ALIAS.includes(name)),
  ].map((name) => `there is no variable ${name}`);
}

/** `$name` and `${name…}`; the `$` that ends a regular expression names nothing. */
function namesIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name as string),
  );
}

function overlaps(panels: readonly FoundPanel[]): string[] {
  const faults: string[] = [];
  for (const [at, { title, gridPos: a }] of panels.entries()) {
    if (a.x < 0 || a.x + a.w > 24) faults.push(`${title} does not fit into the width`);
    for (const { title: other, gridPos: b } of panels.slice(at + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      if (!apart) faults.push(`${title} lies over ${other}`);
    }
  }
  return faults;
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}
