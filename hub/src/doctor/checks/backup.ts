import { type Finding, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

const OLD_BACKUP_MS = 7 * 86_400_000;

/** Whether there is a way back. */
export function checkBackup({ hub, nowMs, config }: Scene): Finding[] {
  const told = hub.isThere ? hub.told : null;
  if (told === null) return [skip('backup', 'only the hub knows')];
  const { backedUpAt } = told;
  const influx =
    config.influx.url === null ? '' : ' The history is in InfluxDB: back that up, too (influxd backup).';
  const remedy = `fieldline backup fieldline-$(date +%F).tar.gz, every night, and kept on another machine.${influx}`;
  if (backedUpAt === null) return [warn('backup', 'no_backup', 'no backup was ever made', remedy)];
  const days = ((nowMs - backedUpAt) / 86_400_000).toFixed(1);
  if (nowMs - backedUpAt > OLD_BACKUP_MS)
    return [warn('backup', 'backup_old', `the last one is ${days} days old`, remedy)];
  const without = influx === '' ? '' : ', without the history, which is in InfluxDB';
  return [ok('backup', `made ${days} days ago${without}`)];
}
