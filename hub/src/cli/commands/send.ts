import type { CommandView } from '@fieldline/protocol';
import { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { durationMs } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { HubClient } from '../hub-client.js';
import { type Params, paramsArgument } from '../params.js';
import { printable, type Terminal } from '../terminal.js';

interface SendOptions {
  readonly wait?: true;
  readonly queue?: true;
  readonly ttl?: number;
  readonly json?: true;
}

/** How long one request waits for the end; then it asks again. */
const WAIT_MS = 5_000;

/** `fieldline send <device> <name> [key=value…]`: gives a device a command. */
export function sendCommand(context: Context): Command {
  return new Command('send')
    .description('give a device a command')
    .argument('<device>', 'who is to do it')
    .argument('<name>', 'what to do: relay.set')
    .addArgument(paramsArgument())
    .option('-w, --wait', 'wait for the end, and tell it by the exit code')
    .option('-q, --queue', 'keep it for a device that is offline')
    .option('-t, --ttl <duration>', 'for how long it may wait to be sent: 30s, 1h', durationMs)
    .option('--json', 'print JSON')
    .action((device: string, name: string, params: Params, options: SendOptions) =>
      send(context, device, { name, params }, options),
    );
}

async function send(
  { terminal, hub }: Context,
  device: string,
  command: { name: string; params: Params },
  options: SendOptions,
): Promise<void> {
  const client = await hub();
  const given = await client.giveCommand(device, {
    ...command,
    ...(options.ttl === undefined ? {} : { ttl: options.ttl }),
    ...(options.queue ? { queue: true } : {}),
  });
  const last = options.wait ? await ended(client, given) : given;
  if (options.json) terminal.print(JSON.stringify(last));
  else print(terminal, last);
  const exitCode = options.wait ? exitCodeOf(last) : EXIT.ok;
  if (exitCode === EXIT.unknownOutcome) throw new CliError('Nobody knows whether it was done.', { exitCode });
  if (exitCode !== EXIT.ok) throw new CliError('It was not done as it was asked.', { exitCode });
}

/** Follows a command to its end, and on to the verdict of telemetry where one is expected. */
async function ended(client: HubClient, given: CommandView): Promise<CommandView> {
  let command = given;
  while (isUnderWay(command)) command = await client.command(command.id, WAIT_MS);
  while (command.verification === 'pending') {
    await new Promise((resolve) => setTimeout(resolve, 250));
    command = await client.command(command.id, 0);
  }
  return command;
}

function isUnderWay({ state }: CommandView): boolean {
  return state === 'queued' || state === 'sent' || state === 'accepted';
}

function print(terminal: Terminal, command: CommandView): void {
  const { bold, dim } = terminal.colors;
  terminal.print(`${bold(command.device)} ${command.name}: ${wordsOf(command)}`);
  if (command.error !== null) {
    terminal.print(`  ${printable(command.error.code)}: ${printable(command.error.message)}`);
  }
  if (command.result !== null) terminal.print(`  ${printable(JSON.stringify(command.result))}`);
  terminal.print(dim(`  ${command.id}`));
}

/** What is known, and no more. */
function wordsOf({ state, verification }: CommandView): string {
  const outcome = state === 'timed_out' ? 'outcome unknown: it was sent, and no answer came' : state;
  switch (verification) {
    case 'verified':
      return `${outcome}, and telemetry shows it`;
    case 'contradicted':
      return `${outcome}, but telemetry shows otherwise`;
    case 'unverified':
      return `${outcome}; no telemetry came that could show it`;
    default:
      return outcome;
  }
}

function exitCodeOf({ state, verification }: CommandView): ExitCode {
  if (state === 'timed_out' && verification !== 'verified') return EXIT.unknownOutcome;
  if (verification === 'contradicted') return EXIT.failed;
  return state === 'succeeded' || verification === 'verified' ? EXIT.ok : EXIT.failed;
}
