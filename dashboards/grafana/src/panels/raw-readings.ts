import type { PanelDraft } from '../model.js';
import { THIS_DEVICE, table } from '../queries/influxql.js';
import { tablePanel } from './table.js';

/** The newest readings of one device as they are stored. */
export function rawReadings(from: string): PanelDraft {
  const query = `SELECT * FROM ${from} WHERE ${THIS_DEVICE} AND $timeFilter ORDER BY time DESC LIMIT 50`;
  return tablePanel({
    ...{ key: 'raw', title: 'Last 50 readings', w: 24, h: 9 },
    description: 'As they are stored: single readings, whatever their width in the panels above.',
    targets: [table(query)],
    sortBy: { displayName: 'Time', desc: true },
  });
}
