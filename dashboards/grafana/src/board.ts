import { placed, type Section } from './layout.js';
import type { Annotation, DashboardLink, Variable } from './model.js';
import { DATASOURCE } from './uids.js';

/** A board before it is written down. */
export interface BoardDraft {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags?: readonly string[];
  readonly from?: string;
  readonly refresh?: string;
  readonly variables?: readonly Variable[];
  readonly annotations?: readonly Annotation[];
  readonly links?: readonly DashboardLink[];
  readonly sections: readonly Section[];
}

/** Every board carries it: lists and links find them by it. */
export const TAG = 'fieldline';

/** Version of the classic dashboard JSON. Grafana migrates older ones, and refuses the next format from files. */
const SCHEMA_VERSION = 42;

/** Classic dashboard JSON. */
export function board(draft: BoardDraft): object {
  const { uid, title, description, tags = [], from = 'now-6h', refresh = '30s', sections } = draft;
  const { variables = [], annotations = [], links = [] } = draft;
  return {
    id: null,
    uid,
    title,
    description,
    tags: [TAG, ...tags],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    fiscalYearStartMonth: 0,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from, to: 'now' },
    timepicker: { refresh_intervals: ['5s', '10s', '30s', '1m', '5m', '30m'] },
    refresh,
    templating: { list: variables },
    annotations: { list: [BUILT_IN, ...annotations.map(annotation)] },
    links,
    panels: placed(sections),
  };
}

/** The marks that people make in Grafana themselves. */
const BUILT_IN = {
  builtIn: 1,
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  name: 'Annotations & Alerts',
  type: 'dashboard',
};

function annotation({ name, iconColor, query }: Annotation): object {
  const columns = { titleColumn: 'title', textColumn: 'text', tagsColumn: 'kind', timeEndColumn: '' };
  return {
    name,
    iconColor,
    enable: true,
    hide: false,
    datasource: DATASOURCE,
    target: {
      ...{ refId: 'Anno', query, rawQuery: true, textEditor: true, fromAnnotations: true },
      ...columns,
    },
  };
}
