import type { MetricProfile, Profile } from '@fieldline/protocol';
import type { PanelDraft } from '../model.js';
import { fieldOf, refId, source, table } from '../queries/influxql.js';

/** The metrics of a profile that say where a device is; null where it has none. */
export function positionOf(profile: Profile): { latitude: MetricProfile; longitude: MetricProfile } | null {
  const numbers = [...profile.metrics.values()].filter(({ type }) => type === 'number');
  const latitude = numbers.find(({ name }) => /(^|[._])lat(itude)?$/i.test(name));
  const longitude = numbers.find(({ name }) => /(^|[._])(lon|lng|long)(itude)?$/i.test(name));
  return latitude === undefined || longitude === undefined ? null : { latitude, longitude };
}

/** Where devices were last; null where no profile has positions. */
export function deviceMap(profiles: readonly Profile[], influxVersion: 1 | 2 | 3): PanelDraft | null {
  const targets = profiles.flatMap((profile) => {
    const position = positionOf(profile);
    if (position === null) return [];
    const { latitude, longitude } = position;
    return [
      `SELECT last(${fieldOf(latitude, profile)}) AS "latitude", last(${fieldOf(longitude, profile)}) AS "longitude" ` +
        `FROM ${source(profile, influxVersion)} WHERE $timeFilter GROUP BY "device"`,
    ];
  });
  if (targets.length === 0) return null;
  const style = {
    size: { fixed: 6 },
    color: { fixed: 'blue' },
    opacity: 0.8,
    text: { field: 'device', mode: 'field' },
  };
  return {
    ...{ key: 'map', title: 'Positions', type: 'geomap', w: 24, h: 12 },
    targets: targets.map((query, at) => table(query, refId(at))),
    options: {
      view: { id: 'fit', allLayers: true, lat: 0, lon: 0, zoom: 12 },
      basemap: { type: 'default', name: 'Map' },
      layers: [
        {
          type: 'markers',
          name: 'Devices',
          location: { mode: 'coords', latitude: 'latitude', longitude: 'longitude' },
          config: { showLegend: false, style },
          tooltip: true,
        },
      ],
      controls: { showZoom: true, mouseWheelZoom: true, showAttribution: true, showScale: true },
      tooltip: { mode: 'details' },
    },
    transformations: [{ id: 'merge', options: {} }],
  };
}
