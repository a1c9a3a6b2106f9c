import type { Panel, PanelAnswer } from './grafana-board.js';

/** A row of a table, by the names of its columns before the panel gives them others. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows of a table panel, after what it does to the answers of its queries, and in the order that it shows them in. */
export function rowsOf({ panel, answers }: PanelAnswer): Row[] {
  const rows = answers.flatMap(({ series }) =>
    series.flatMap(({ columns, values, tags = {} }) =>
      values.map((row) => ({
        ...tags,
        ...Object.fromEntries(columns.map((name, at) => [named(name), row[at]])),
      })),
    ),
  );
  const shown = (panel.transformations ?? []).reduce(transformed, rows);
  return sorted(shown, panel);
}

/** Names of the columns of rows. */
export function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** What an override says of a column; undefined where none says anything. */
export function saidOf({ fieldConfig }: Panel, column: string, id: string): unknown {
  const meant = (fieldConfig?.overrides ?? []).filter(({ matcher }) => isMeant(matcher, column));
  return meant.flatMap(({ properties }) => properties).findLast((property) => property.id === id)?.value;
}

/** Whether an override is about a column or a series. */
export function isMeant({ id, options }: { id: string; options: string }, name: string): boolean {
  return id === 'byName' ? options === name : new RegExp(options.replace(/^\/|\/$/g, '')).test(name);
}

/**
 * Where the link of a column leads in a row. The range of time is written as 1 to 2.
 * @throws Error for a field that the row has not
 */
export function linkIn({ panel }: PanelAnswer, column: string, row: Row): string {
  const [link] = (saidOf(panel, column, 'links') ?? []) as { url: string }[];
  return (link?.url ?? '').replace(/\$\{__([^}]+)\}/g, (_, words: string) => {
    if (words === 'url_time_range') return 'from=1&to=2';
    const [, name = '', text] = /^data\.fields\.(\w+)(\.text)?$/.exec(words) ?? [];
    const value = row[name];
    if (value === undefined) throw new Error(`there is no ${name} in the row`);
    return text === undefined ? String(value) : mapped(panel, name, value);
  });
}

/** What a column shows in place of a value. */
function mapped(panel: Panel, column: string, value: unknown): string {
  const mappings = (saidOf(panel, column, 'mappings') ?? []) as {
    options: Record<string, { text?: string }>;
  }[];
  return mappings.map(({ options }) => options[String(value)]?.text).find(Boolean) ?? String(value);
}

/** Grafana calls the time so. */
function named(column: string): string {
  return column === 'time' ? 'Time' : column;
}

/** @throws Error for a transformation that nobody has said here what it does */
function transformed(rows: Row[], { id, options }: { id: string; options: object }): Row[] {
  if (id === 'merge') return rows;
  if (id === 'joinByField') return joined(rows, (options as { byField: string }).byField);
  if (id === 'groupBy') return grouped(rows, (options as { fields: Groups }).fields);
  if (id === 'organize') return rows.map((row) => organized(row, options as Organize));
  if (id === 'renameByRegex') return rows.map((row) => renamed(row, options as Rename));
  throw new Error(`nobody knows the transformation ${id}`);
}

/** Rows that have the same in a column are one. */
function joined(rows: readonly Row[], by: string): Row[] {
  const found = new Map<unknown, Row>();
  for (const row of rows) found.set(row[by], { ...found.get(row[by]), ...row });
  return [...found.values()];
}

type Groups = Readonly<Record<string, { operation: 'groupby' | 'aggregate' }>>;

/** Of rows that have the same in a column the largest values. */
function grouped(rows: readonly Row[], fields: Groups): Row[] {
  const by = Object.keys(fields).find((name) => fields[name]?.operation === 'groupby') ?? '';
  const names = Object.keys(fields).filter((name) => name !== by);
  return [...new Set(rows.map((row) => row[by]))].map((value) => {
    const same = rows.filter((row) => row[by] === value);
    const most = (name: string) =>
      Math.max(...same.map((row) => Number(row[name] ?? Number.NEGATIVE_INFINITY)));
    return { [by]: value, ...Object.fromEntries(names.map((name) => [`${name} (max)`, most(name)])) };
  });
}

interface Organize {
  readonly excludeByName: Readonly<Record<string, boolean>>;
  readonly indexByName: Readonly<Record<string, number>>;
}

function organized(row: Row, { excludeByName, indexByName }: Organize): Row {
  const place = ([name]: [string, unknown]) => indexByName[name] ?? 100;
  const left = Object.entries(row).filter(([name]) => excludeByName[name] !== true);
  return Object.fromEntries(left.sort((a, b) => place(a) - place(b)));
}

interface Rename {
  readonly regex: string;
  readonly renamePattern: string;
}

function renamed(row: Row, { regex, renamePattern }: Rename): Row {
  const names = Object.entries(row);
  return Object.fromEntries(
    names.map(([name, value]) => [name.replace(new RegExp(regex), renamePattern), value]),
  );
}

function sorted(rows: Row[], panel: Panel): Row[] {
  const [by] = panel.options?.sortBy ?? [];
  const key = columnsOf(rows).find(
    (name) => (saidOf(panel, name, 'displayName') ?? name) === by?.displayName,
  );
  if (by === undefined || key === undefined) return rows;
  const sign = by.desc ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [a[key], b[key]];
    if (typeof x === 'string' || typeof y === 'string') return sign * String(x).localeCompare(String(y));
    return sign * (Number(x ?? 0) - Number(y ?? 0));
  });
}
