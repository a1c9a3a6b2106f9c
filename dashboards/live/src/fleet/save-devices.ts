import { hubClock } from '../api/client.js';
import type { LiveDevice } from '../live/device.js';
import { profiles } from '../live/profiles.js';
import { stateOf } from '../live/state.js';
import { saveFile } from '../shell/save-file.js';
import type { Fleet } from './fleet.js';
import { mainMetric } from './main-metric.js';

/** A byte order mark: without one Excel takes UTF-8 for something else. */
const BOM = '\uFEFF';
const HEAD = ['id', 'name', 'state', 'profile', 'tags', 'metric', 'value', 'last_seen', 'firmware'];

/** Saves what the page knows of the devices as CSV (RFC 4180). Times are ISO 8601, in UTC. */
export function saveDevices(ids: readonly string[], fleet: Fleet): void {
  const devices = ids.flatMap((id) => fleet.devices.get(id) ?? []);
  saveFile('devices.csv', 'text/csv', BOM + devicesCsv(devices, hubClock.now(), metricOf));
}

const metricOf = (device: LiveDevice) => mainMetric(device, profiles.peek(device.view.profile));

/** The devices as CSV, one a line, under a line of names. @param metricOf the one metric that is told of a device */
export function devicesCsv(
  devices: readonly LiveDevice[],
  now: number,
  metricOf: (device: LiveDevice) => string | undefined,
): string {
  const lines = devices.map((device) => {
    const { id, view, lastSeen } = device;
    const metric = metricOf(device);
    const latest = metric === undefined ? undefined : device.latest.get(metric);
    return [
      id,
      view.name ?? '',
      stateOf(device, now),
      view.profile ?? '',
      Object.entries(view.tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
      metric ?? '',
      latest === undefined ? '' : String(latest.value),
      lastSeen === null ? '' : new Date(lastSeen).toISOString(),
      view.firmware ?? '',
    ];
  });
  return [HEAD, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

/** Quoted where it must be; a text that a spreadsheet would take for a formula is made plain. */
function cell(text: string): string {
  const plain = /^[=@\t\r]|^[+-](?!\d+(\.\d+)?$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
