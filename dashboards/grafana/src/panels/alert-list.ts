import type { PanelDraft } from '../model.js';
import { FOLDER } from '../uids.js';

/** Grafana's alerts that fire, or are about to. */
export function alertList(): PanelDraft {
  return {
    ...{ key: 'alerts', title: 'Alerts', type: 'alertlist', w: 24, h: 7, targets: [] },
    options: {
      viewMode: 'list',
      groupMode: 'default',
      groupBy: [],
      maxItems: 20,
      sortOrder: 3,
      dashboardAlerts: false,
      alertName: '',
      alertInstanceLabelFilter: '',
      datasource: '-- Grafana --',
      folder: { id: 0, uid: FOLDER.uid, title: FOLDER.title },
      stateFilter: {
        firing: true,
        pending: true,
        recovering: true,
        noData: true,
        normal: false,
        error: true,
      },
    },
  };
}
