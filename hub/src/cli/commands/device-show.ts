import { unitOf } from '@fieldline/protocol';
import { age, utc } from '../age.js';
import type { Context } from '../context.js';
import { pairs, table } from '../table.js';
import { printable } from '../terminal.js';
import { stateOf, valueText } from './device-words.js';

/** Shows everything that is known of one device. */
export async function showDevice(
  { terminal, hub, now }: Context,
  id: string,
  options: { json?: true },
): Promise<void> {
  const device = await (await hub()).device(id);
  if (options.json) return terminal.print(JSON.stringify(device, null, 2));
  const tags = Object.entries(device.tags).map(([key, value]) => printable(`${key}=${value}`));
  const ended = device.lastDisconnect;
  const facts: [string, string][] = [
    ['id', terminal.colors.bold(device.id)],
    ['name', printable(device.name ?? '-')],
    ['state', stateOf(terminal, device)],
    ['last seen', `${age(device.lastSeen, now())}  ${terminal.colors.dim(utc(device.lastSeen))}`],
    [
      'last disconnect',
      ended === null ? '-' : `${printable(ended.reason)}  ${terminal.colors.dim(utc(ended.at))}`,
    ],
    ['profile', device.profile ?? '-'],
    ['tags', tags.join(' ') || '-'],
    ['firmware', printable(device.firmware ?? '-')],
    ['boot', device.boot ?? '-'],
    ['reboots', String(device.reboots)],
    ['address', device.address ?? '-'],
    ['received', String(device.counters.received)],
    ['duplicates', String(device.counters.duplicates)],
    ['gaps', String(device.counters.gaps)],
    ['rejected', String(device.counters.rejected)],
    ['clock repairs', String(device.counters.clockRepairs)],
  ];
  for (const line of pairs(facts)) terminal.print(line);
  const rows = Object.entries(device.metrics).map(([name, metric]) => [
    name,
    valueText(metric.value),
    metric.unit === null ? '' : unitOf(metric.unit).symbol,
    metric.type,
    age(metric.time, now()),
  ]);
  if (rows.length === 0) return;
  terminal.print();
  const columns = [
    { heading: 'METRIC' },
    { heading: 'VALUE', align: 'right' as const },
    { heading: 'UNIT' },
    { heading: 'TYPE' },
    { heading: 'AGE' },
  ];
  for (const line of table(columns, rows)) terminal.print(line);
}
