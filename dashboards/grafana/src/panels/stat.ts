import type { FieldDefaults, Override, PanelDraft, Target } from '../model.js';

interface StatDraft {
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly w: number;
  readonly h: number;
  readonly targets: readonly Target[];
  readonly defaults?: FieldDefaults;
  readonly overrides?: readonly Override[];
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
