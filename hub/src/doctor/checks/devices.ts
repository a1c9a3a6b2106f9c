import { type Finding, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

const STALE_SHARE = 0.2;
const REFUSED_SHARE = 0.01;

/** Whether devices are heard, stay connected, and send what is taken. */
export function checkDevices({ hub }: Scene): Finding[] {
  const told = hub.isThere ? hub.told : null;
  if (told === null) return [skip('devices', 'only the hub knows')];
  const { devices, rejects, readings, samples } = told.system;
  const known = devices.online + devices.sleeping + devices.offline;
  const findings: Finding[] = [];
  if (devices.stale > STALE_SHARE * known) {
    const message = `readings of ${devices.stale} of ${known} devices are overdue`;
    const remedy =
      'The fleet page sorts them first; when they are many at once look at their network, then at the hub.';
    findings.push(warn('devices', 'devices_stale', message, remedy));
  }
  if (devices.flapping > 0) {
    const message = `${devices.flapping} devices connect again and again`;
    const remedy =
      'Their pages show when and why connections ended (docs/operations.md, "When a device flaps"): mostly power, Wi-Fi, or two devices with one token.';
    findings.push(warn('devices', 'devices_flapping', message, remedy));
  }
  const refused = Object.values(rejects).reduce((sum, count) => sum + count, 0);
  const now = samples.at(-1)?.rejected ?? 0;
  if (refused > REFUSED_SHARE * readings && now > 0) {
    const most = Object.entries(rejects).sort(([, a], [, b]) => b - a)[0]?.[0];
    const message = `${refused} values were refused since the start (mostly ${most}), ${now.toFixed(1)} a second now`;
    const remedy =
      'The quarantine on the page of a device shows them: mend the device, its profile, or the type of the metric.';
    findings.push(warn('quarantine', 'quarantine_grows', message, remedy));
  }
  if (findings.length === 0)
    findings.push(ok('devices', `${known} known, ${devices.online} online, ${devices.stale} overdue`));
  return findings;
}
