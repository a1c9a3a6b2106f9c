import type { FieldDefaults, PanelBasis, PanelDraft } from '../model.js';

interface StateTimelineDraft extends PanelBasis {
  readonly defaults: FieldDefaults;
  readonly interval?: string;
  /** Points so far apart, in ms, are not joined: nothing is known of the time between. */
  readonly insertNulls?: number;
  /** So many rows are on a page. */
  readonly perPage?: number;
}

/** States over time, a lane for each series. */
export function stateTimeline({ perPage, insertNulls, defaults, ...draft }: StateTimelineDraft): PanelDraft {
  return {
    ...draft,
    type: 'state-timeline',
    defaults: {
      ...defaults,
      custom: { fillOpacity: 75, lineWidth: 0, ...(insertNulls === undefined ? {} : { insertNulls }) },
    },
    options: {
      mergeValues: true,
      showValue: 'auto',
      alignValue: 'left',
      rowHeight: 0.85,
      legend: { showLegend: false, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'single', sort: 'none' },
      ...(perPage === undefined ? {} : { perPage }),
    },
  };
}
