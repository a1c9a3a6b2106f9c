import type { Override, PanelBasis, PanelDraft, Transformation } from '../model.js';

interface TableDraft extends PanelBasis {
  readonly transformations?: readonly Transformation[];
  /** Column that it is sorted by at first. */
  readonly sortBy?: { readonly displayName: string; readonly desc: boolean };
}

/** Rows and columns. */
export function tablePanel({ sortBy, defaults = {}, ...draft }: TableDraft): PanelDraft {
  return {
    ...draft,
    type: 'table',
    defaults: { ...defaults, custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false } },
    options: {
      frameIndex: 0,
      showHeader: true,
      cellHeight: 'sm',
      ...(sortBy === undefined ? {} : { sortBy: [sortBy] }),
    },
  };
}

/** Shows a column under another name, and with whatever else is said of it. */
export function column(
  name: string,
  displayName: string,
  properties: Readonly<Record<string, unknown>> = {},
): Override {
  const all = { displayName, ...properties };
  return {
    matcher: { id: 'byName', options: name },
    properties: Object.entries(all).map(([id, value]) => ({ id, value })),
  };
}

/** One row for each value of a column, with the largest values of others, which are called `<name> (max)` then. */
export function largestOf(by: string, names: readonly string[]): Transformation {
  const largest = names.map((name) => [name, { operation: 'aggregate', aggregations: ['max'] }]);
  return {
    id: 'groupBy',
    options: { fields: { [by]: { operation: 'groupby', aggregations: [] }, ...Object.fromEntries(largest) } },
  };
}

/** Leaves columns away, and puts the others in order. */
export function arranged(order: readonly string[], hidden: readonly string[]): Transformation {
  return {
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(hidden.map((name) => [name, true])),
      indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
      renameByName: {},
    },
  };
}
