import type { Section } from '../layout.js';
import type { GenerateOptions } from '../options.js';
import { notice } from '../panels/notice.js';

/** Why a board that shows what the hub writes of itself stays empty, where it writes nothing; else no section. */
export function silence({ reportMs }: GenerateOptions): Section[] {
  if (reportMs !== 0) return [];
  const words =
    'The hub writes nothing of itself to InfluxDB (`influx.reportMs` is 0), and panels that show it stay empty. ' +
    'Set `influx.reportMs`, and make the boards anew by `fieldline dashboards`.';
  return [{ title: null, panels: [notice(words)] }];
}
