import type { PanelBasis, PanelDraft } from '../model.js';

interface TimeSeriesDraft extends PanelBasis {
  /** Draw the thresholds as lines. */
  readonly thresholds?: boolean;
  /** Which gaps are bridged: all, none, or those of less than so many ms. */
  readonly spanNulls?: boolean | number;
  readonly style?: 'line' | 'bars' | 'stacked';
  readonly legend?: boolean;
  readonly interval?: string;
}

/** A panel of lines, or of bars that are counted. */
export function timeSeries(draft: TimeSeriesDraft): PanelDraft {
  const {
    thresholds = false,
    spanNulls = false,
    style = 'line',
    legend = true,
    defaults = {},
    ...rest
  } = draft;
  const isBars = style === 'bars';
  const custom = {
    drawStyle: isBars ? 'bars' : 'line',
    lineInterpolation: 'linear',
    lineWidth: isBars ? 0 : 1,
    fillOpacity: isBars ? 70 : style === 'stacked' ? 40 : 8,
    showPoints: 'auto',
    pointSize: 4,
    spanNulls,
    stacking: { mode: style === 'line' ? 'none' : 'normal', group: 'A' },
    axisPlacement: 'auto',
    thresholdsStyle: { mode: thresholds ? 'dashed' : 'off' },
  };
  return {
    ...rest,
    type: 'timeseries',
    defaults: { color: { mode: 'palette-classic' }, ...defaults, custom },
    options: {
      legend: { showLegend: legend, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}
