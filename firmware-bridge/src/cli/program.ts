import { Command, InvalidArgumentError, Option } from 'commander';
import type { Framing } from '../config/config.js';
import { type Flags, flagOf } from '../config/read-flags.js';
import type { Setting } from '../config/setting.js';
import { BRIDGE_SETTINGS, PORT_SETTINGS, QUEUE_SETTINGS } from '../config/settings.js';
import { LOG_LEVELS } from '../log/open-log.js';
import { bridgeVersion } from '../version.js';
import { EXIT_CODES_HELP } from './host.js';

const EXAMPLES_HELP = `
Examples:
  fieldline-bridge list                                      what is plugged in?
  fieldline-bridge monitor --port /dev/ttyACM0               what does it say?
  FIELDLINE_BRIDGE_TOKEN=fld_... fieldline-bridge --port /dev/ttyACM0 --device greenhouse-1
  fieldline-bridge --config bridge.yaml                      many boards: docs/firmware-bridge.md`;

const ENVIRONMENT_HELP = `
Environment, for one board:
  FIELDLINE_URL               address of the hub
  FIELDLINE_BRIDGE_DATA       directory of the data
  FIELDLINE_BRIDGE_TOKEN      the device's token: better here than on the command line, which others can read
  FIELDLINE_BRIDGE_CLAIM_KEY  a claim key, in place of device and token`;

export interface RunFlags {
  readonly config: string | undefined;
  readonly json: boolean;
  readonly logLevel: string;
  /** By the names of the settings. */
  readonly settings: Flags;
}

export interface MonitorFlags {
  readonly path: string;
  readonly baud: number;
  readonly framing: Framing;
  readonly reset: boolean;
  readonly maxLineBytes: number | undefined;
}

/** What each command does. */
export interface Actions {
  run(flags: RunFlags): Promise<void>;
  monitor(flags: MonitorFlags): Promise<void>;
  list(json: boolean): Promise<void>;
}

/** The whole command line. Nothing runs before it is parsed. */
export function buildProgram(actions: Actions): Command {
  const program = new Command('fieldline-bridge')
    .description('Boards on serial ports: their readings to a Fieldline hub, its commands to them')
    .version(bridgeVersion())
    .enablePositionalOptions()
    .option('-c, --config <file>', 'a YAML file that describes one board or many')
    .option('--json', 'log as JSON lines, without a status')
    .addOption(new Option('--log-level <level>', 'what is logged').choices(LOG_LEVELS).default('info'));
  const settings = { ...PORT_SETTINGS, ...BRIDGE_SETTINGS, ...QUEUE_SETTINGS };
  for (const [name, setting] of Object.entries(settings)) program.addOption(optionOf(name, setting));
  program.action(async ({ config, json, logLevel, port, ...rest }: Record<string, string | undefined>) => {
    const flags: Flags = { ...rest, ...(port === undefined ? {} : { path: port }) };
    const [other] = Object.keys(flags);
    if (config !== undefined && other !== undefined) {
      program.error(`error: ${flagOf(other)} and --config: the file describes everything`);
    }
    await actions.run({ config, json: Boolean(json), logLevel: logLevel ?? 'info', settings: flags });
  });
  const { path, baud, framing, reset, maxLineBytes } = PORT_SETTINGS;
  program
    .command('monitor')
    .description(
      'a serial monitor that understands what the board says, without a hub; typed lines are commands',
    )
    .addOption(optionOf('path', path).makeOptionMandatory())
    .addOption(checkedOptionOf('baud', baud).default(115_200))
    .addOption(optionOf('framing', framing).choices(['lines', 'cobs']).default('lines'))
    .addOption(optionOf('reset', reset))
    .addOption(checkedOptionOf('maxLineBytes', maxLineBytes))
    .action(async (flags: Omit<MonitorFlags, 'path'> & { port: string }) => {
      await actions.monitor({ ...flags, path: flags.port, reset: Boolean(flags.reset) });
    });
  program
    .command('list')
    .description('the serial ports of this machine, as a configuration may name them')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => actions.list(Boolean(json)));
  for (const text of [EXAMPLES_HELP, ENVIRONMENT_HELP, EXIT_CODES_HELP]) program.addHelpText('after', text);
  return program;
}

/** A flag for a setting; what stands behind it is checked with all the others. */
function optionOf(name: string, setting: Setting): Option {
  const fallback =
    setting.default === undefined || setting.default === 'false' ? '' : ` (default: ${setting.default})`;
  const value = setting.allowed === 'true or false' ? '' : ' <value>';
  return new Option(`${flagOf(name)}${value}`, `${setting.description.replaceAll('`', '')}${fallback}`);
}

/** The same, checked at once. */
function checkedOptionOf(name: string, setting: Setting): Option {
  return optionOf(name, setting).argParser((text) => {
    const value = setting.read(text);
    if (value === undefined) throw new InvalidArgumentError(`Allowed is ${setting.allowed}.`);
    return value;
  });
}
