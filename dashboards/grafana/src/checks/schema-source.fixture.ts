import type { FoundBoard, FoundPanel } from './files.fixture.js';

/** Where `@grafana/schema` keeps the options of a kind of panel; null where it has none. */
const PANELS: Readonly<Record<string, string | null>> = {
  timeseries: 'timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen',
  stat: 'stat/panelcfg/x/StatPanelCfg_types.gen',
  'state-timeline': 'statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen',
  table: 'table/panelcfg/x/TablePanelCfg_types.gen',
  text: 'text/panelcfg/x/TextPanelCfg_types.gen',
  geomap: 'geomap/panelcfg/x/GeomapPanelCfg_types.gen',
  alertlist: null,
};
const HAS_CUSTOM = new Set(['timeseries', 'state-timeline', 'table']);
/** In `@grafana/schema` these lack what joins points and what parts them; the SDK has it from Grafana's editors. */
const FIELDS_OF_SDK = new Set(['state-timeline']);

/**
 * TypeScript that says of each board that it is what `@grafana/schema` and Grafana's foundation SDK call a dashboard,
 * and of each panel that its options are those of its kind. As these are fresh object literals, the compiler refuses
 * names that Grafana does not know, too. Enumerations are taken as the words that stand for them in JSON.
 */
export function schemaSource(boards: readonly FoundBoard[]): string {
  const lines = [
    `import type { Dashboard } from '@grafana/schema';`,
    `import type { Dashboard as SdkDashboard } from '@grafana/grafana-foundation-sdk/dashboard';`,
    ...Object.entries(PANELS).flatMap(([type, path]) =>
      path === null
        ? []
        : [`import type * as ${nameOf(type)} from '@grafana/schema/dist/esm/raw/composable/${path}';`],
    ),
    `import type { FieldConfig as SdkStateFields } from '@grafana/grafana-foundation-sdk/statetimeline';`,
    `type Json<T> = T extends string ? \`\${T}\` : T extends number ? number : T extends boolean | null | undefined ? T`,
    '  : T extends (infer I)[] ? Json<I>[] : T extends object ? { [K in keyof T]: Json<T[K]> } : T;',
  ];
  for (const [at, board] of boards.entries()) {
    const plain = withoutTargets(board);
    lines.push(`export const board${at}: Json<Dashboard> = ${JSON.stringify(plain, null, 1)};`);
    // Its queries have no type of their own in the SDK, which has none of InfluxDB's.
    const panels = board.panels.map(({ targets: _, ...panel }) => panel);
    lines.push(
      `export const sdk${at}: Json<SdkDashboard> = ${JSON.stringify({ ...plain, panels }, null, 1)};`,
    );
    lines.push(...board.panels.flatMap((panel, i) => panelSource(panel, `panel${at}_${i}`)));
  }
  return lines.join('\n');
}

function panelSource({ type, options, fieldConfig, title }: FoundPanel, name: string): string[] {
  if (type === 'row') return [];
  const path = PANELS[type];
  if (path === undefined) throw new Error(`${title}: there is no type to hold ${type} against`);
  if (path === null) return [];
  const own = nameOf(type);
  const custom = fieldConfig?.defaults.custom;
  const isKnown = HAS_CUSTOM.has(type) && custom !== undefined;
  const fields = FIELDS_OF_SDK.has(type) ? 'SdkStateFields' : `${own}.FieldConfig`;
  return [
    `export const ${name}: Json<${own}.Options> = ${JSON.stringify(options)};`,
    ...(isKnown ? [`export const ${name}c: Json<Partial<${fields}>> = ${JSON.stringify(custom)};`] : []),
  ];
}

/** An annotation's query is the data source's own, which the type of a dashboard does not know. */
function withoutTargets(board: FoundBoard): object {
  const list = board.annotations.list.map(({ target: _, ...rest }) => rest);
  return { ...board, annotations: { list } };
}

function nameOf(type: string): string {
  return type.replace('-', '_');
}
