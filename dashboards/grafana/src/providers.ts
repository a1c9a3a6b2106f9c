import type { GenerateOptions } from './options.js';
import { FOLDER } from './uids.js';

/** `provisioning/dashboards/…`: where Grafana reads the boards. */
export function providersFile({ dashboardsPath }: GenerateOptions): object {
  return {
    apiVersion: 1,
    providers: [
      {
        ...{ name: 'fieldline', type: 'file', orgId: 1, folder: FOLDER.title, folderUid: FOLDER.uid },
        ...{ disableDeletion: false, allowUiUpdates: false, updateIntervalSeconds: 30 },
        options: { path: dashboardsPath },
      },
    ],
  };
}
