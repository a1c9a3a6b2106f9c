import type { DeviceView } from '@fieldline/protocol';
import { age } from '../age.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../table.js';
import type { Terminal } from '../terminal.js';
import { stateOf, valueText } from './device-words.js';

export interface ListDevicesOptions {
  readonly online?: true;
  readonly offline?: true;
  readonly tag?: Record<string, string>;
  readonly find?: string;
  readonly json?: true;
}

/** Lists the devices that match, with state, age of the last reading and latest values. */
export async function listDevices(
  { terminal, hub, now }: Context,
  options: ListDevicesOptions,
): Promise<void> {
  if (options.online && options.offline) {
    throw new CliError('--online and --offline exclude each other.', { exitCode: EXIT.usage });
  }
  const filter: Record<string, string> = {};
  if (options.online || options.offline) filter.online = String(options.online === true);
  if (options.find !== undefined) filter.q = options.find;
  for (const [key, value] of Object.entries(options.tag ?? {})) filter[`tag.${key}`] = value;
  const rows: string[][] = [];
  for await (const device of (await hub()).devices(filter)) {
    if (options.json) terminal.print(JSON.stringify(device));
    else rows.push(summaryRow(terminal, device, now()));
  }
  if (options.json) return;
  if (rows.length === 0) {
    const none = Object.keys(filter).length > 0 ? 'No device matches.' : 'No device is registered yet.';
    return terminal.note(`${none} Add one with: fieldline device add <id>`);
  }
  const headings = ['ID', 'STATE', 'LAST SEEN', 'PROFILE', 'LATEST'].map((heading) => ({ heading }));
  for (const line of table(headings, rows)) terminal.print(line);
}

/** How many latest values fit on a line of the list. */
const VALUES_IN_LIST = 4;

function summaryRow(terminal: Terminal, device: DeviceView, nowMs: number): string[] {
  const latest = Object.entries(device.metrics).filter(([, metric]) => metric.value !== null);
  const shown = latest.slice(0, VALUES_IN_LIST).map(([name, metric]) => `${name} ${valueText(metric.value)}`);
  if (latest.length > shown.length) shown.push(`+${latest.length - shown.length}`);
  return [
    device.id,
    stateOf(terminal, device),
    age(device.lastSeen, nowMs),
    device.profile ?? '-',
    shown.join('  '),
  ];
}
