import type { DATASOURCE } from './uids.js';

/**
 * The part of Grafana's classic dashboard JSON (`schemaVersion` 42) that is used here. Tests hold what comes out of it
 * against the types of `@grafana/schema`.
 */

/** A query in InfluxQL. */
export interface Target {
  readonly refId: string;
  readonly datasource: typeof DATASOURCE;
  readonly query: string;
  readonly rawQuery: true;
  readonly resultFormat: 'time_series' | 'table';
  /** Name of the series; `$tag_device` stands for a tag. */
  readonly alias?: string;
}

export interface Threshold {
  readonly color: string;
  /** null for the first: from there on down. */
  readonly value: number | null;
}

export interface MappingResult {
  readonly text?: string;
  readonly color?: string;
  readonly index?: number;
}

export interface ValueMapping {
  readonly type: 'value';
  readonly options: Readonly<Record<string, MappingResult>>;
}

export interface DataLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank?: boolean;
}

/** How values of a field are shown. */
export interface FieldDefaults {
  readonly displayName?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly color?: { readonly mode: string; readonly fixedColor?: string };
  readonly thresholds?: { readonly mode: 'absolute'; readonly steps: readonly Threshold[] };
  readonly mappings?: readonly ValueMapping[];
  readonly links?: readonly DataLink[];
  readonly custom?: Readonly<Record<string, unknown>>;
}

export interface Override {
  readonly matcher: { readonly id: 'byName' | 'byRegexp'; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface Transformation {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** What is said of every panel, whatever its kind. */
export interface PanelBasis {
  /** Names it on its board; its id comes from it. */
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  /** Its size on the board's grid, which is 24 wide. */
  readonly w: number;
  readonly h: number;
  readonly targets: readonly Target[];
  readonly defaults?: FieldDefaults;
  readonly overrides?: readonly Override[];
}

/** A panel before it has its place on a board. */
export interface PanelDraft extends PanelBasis {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly Transformation[];
  /** The least width of an interval, such as `10s`. */
  readonly interval?: string;
  readonly maxDataPoints?: number;
  readonly links?: readonly DashboardLink[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly type: 'query' | 'custom';
  readonly query: string;
  readonly [key: string]: unknown;
}

export interface DashboardLink {
  readonly title: string;
  readonly type: 'link' | 'dashboards';
  readonly icon: string;
  readonly tooltip: string;
  readonly url?: string;
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  readonly targetBlank: boolean;
  readonly includeVars: boolean;
  readonly keepTime: boolean;
}

/** Marks on the time axis of all panels. */
export interface Annotation {
  readonly name: string;
  readonly iconColor: string;
  readonly query: string;
}
