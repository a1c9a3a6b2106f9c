import { parseDuration } from '@fieldline/protocol';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_BATCH, DEFAULT_SEED } from '../fleet.js';
import { MESSAGE_SHAPES, type MessageShape } from '../message-shape.js';

/** What the command line of the simulator was told, checked. */
export interface SimulatorOptions {
  readonly url?: string;
  readonly profile: string;
  readonly profiles?: string;
  readonly devices: number;
  readonly rate?: number;
  /** Milliseconds; absent: until a signal. */
  readonly duration?: number;
  readonly seed: string;
  readonly mode: MessageShape;
  readonly batch: number;
  readonly prefix?: string;
  readonly tokens?: string;
  readonly apiToken?: string;
  readonly cbor?: true;
  readonly json?: true;
  readonly progress?: true;
}

const ENVIRONMENT_HELP = `
Environment:
  FIELDLINE_URL        address of the hub (default http://127.0.0.1:8080)
  FIELDLINE_API_TOKEN  an admin's API token; without it, the file admin-token in FIELDLINE_DATA (default ./data)
  FIELDLINE_PROFILES   directory of the device profiles (default ./profiles)

Exit codes: 0 all was acked, 1 something failed or was not acked, 2 wrong usage.`;

/** The command line of the simulator; `run` gets the options when they are all right. */
export function simulatorCommand(run: (options: SimulatorOptions) => Promise<void>): Command {
  return new Command('fieldline-sim')
    .description('A fleet of simulated devices: signals from a device profile, latencies measured')
    .option('-u, --url <url>', 'address of the hub; wins over FIELDLINE_URL')
    .option('-p, --profile <name|file>', 'device profile to simulate', 'env-sensor')
    .option('--profiles <dir>', 'where profiles are; wins over FIELDLINE_PROFILES')
    .option('-n, --devices <count>', 'how many devices', countOf, 10)
    .option(
      '-r, --rate <per-second>',
      "messages a second of each device (default: the profile's interval)",
      rateOf,
    )
    .option('-d, --duration <time>', 'such as 30s or 5m (default: until Ctrl-C)', timeOf)
    .option('-s, --seed <text>', 'the same seed makes the same signals', DEFAULT_SEED)
    .addOption(
      new Option('-m, --mode <shape>', 'shape of the messages').choices(MESSAGE_SHAPES).default('single'),
    )
    .option('-b, --batch <count>', 'readings in one message of rows and columns', batchOf, DEFAULT_BATCH)
    .option('--prefix <text>', "what device ids begin with (default: the profile's name)", prefixOf)
    .option(
      '--tokens <file>',
      "where the devices' tokens are kept (default: sim-tokens.json in FIELDLINE_DATA)",
    )
    .option('--api-token <token>', "an admin's API token, to register devices")
    .option('--cbor', 'speak CBOR with the hub instead of JSON')
    .option('--json', 'print the summary as JSON')
    .option('--progress', 'with --json: tell progress on stderr, one JSON object a line')
    .addHelpText('after', ENVIRONMENT_HELP)
    .action(run);
}

function countOf(text: string): number {
  return integer(text, 1, 100_000);
}

function batchOf(text: string): number {
  return integer(text, 1, 1_000);
}

function integer(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`);
  }
  return value;
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (!(rate > 0 && rate <= 10_000)) throw new InvalidArgumentError('Above 0, at most 10000.');
  return rate;
}

function timeOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('A number and ms, s, m, h or d: 30s, 5m, 1.5h.');
  return ms;
}

function prefixOf(text: string): string {
  // Room for a dash and six digits within the 64 characters of a device id.
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,56}$/.test(text)) {
    throw new InvalidArgumentError('Letters, digits, - and _; at most 57.');
  }
  return text;
}
