import { Command } from 'commander';
import type { Context } from '../context.js';
import { collectTag } from '../tags.js';
import { type AddDeviceOptions, addDevice } from './device-add.js';
import { type ListDevicesOptions, listDevices } from './device-list.js';
import { removeDevice } from './device-remove.js';
import { showDevice } from './device-show.js';

/** `fieldline device add|list|show|remove`. */
export function deviceCommand(context: Context): Command {
  const device = new Command('device').description('register, list and remove devices');

  device
    .command('add <id>')
    .description('register a device and print its token, once')
    .option('-p, --profile <name>', 'device profile: units, limits, expected interval')
    .option('-n, --name <text>', 'name for people')
    .option('-t, --tag <key=value>', 'a tag; may be repeated', collectTag)
    .option('--json', 'print JSON')
    .action((id: string, options: AddDeviceOptions) => addDevice(context, id, options));

  device
    .command('list')
    .description('list devices with state, age of the last reading and latest values')
    .option('--online', 'only those that are connected')
    .option('--offline', 'only those that are not')
    .option('-t, --tag <key=value>', 'only those with this tag; may be repeated', collectTag)
    .option('-f, --find <text>', 'only those with this text in id, name or tags')
    .option('--json', 'print one JSON object a line')
    .action((options: ListDevicesOptions) => listDevices(context, options));

  device
    .command('show <id>')
    .description('show everything that is known of a device')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true }) => showDevice(context, id, options));

  device
    .command('remove <id>')
    .description('remove a device and its tokens; its history stays')
    .option('-y, --yes', 'do not ask')
    .action((id: string, options: { yes?: true }) => removeDevice(context, id, options));

  return device;
}
