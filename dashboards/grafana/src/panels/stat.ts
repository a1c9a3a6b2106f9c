import type { PanelBasis, PanelDraft } from '../model.js';

interface StatDraft extends PanelBasis {
  /** Which fields are shown, as a regular expression with its slashes; numbers only by default. */
  readonly fields?: string;
  readonly calc?: 'lastNotNull' | 'sum' | 'max';
  readonly graph?: boolean;
  readonly names?: boolean;
}

/** Single values, large. */
export function stat(draft: StatDraft): PanelDraft {
  const { fields = '', calc = 'lastNotNull', graph = false, names = false, ...rest } = draft;
  return {
    ...rest,
    type: 'stat',
    options: {
      reduceOptions: { values: false, calcs: [calc], fields },
      orientation: 'auto',
      textMode: names ? 'value_and_name' : 'value',
      colorMode: 'value',
      graphMode: graph ? 'area' : 'none',
      justifyMode: 'auto',
      showPercentChange: false,
      percentChangeColorMode: 'standard',
      wideLayout: true,
    },
  };
}
