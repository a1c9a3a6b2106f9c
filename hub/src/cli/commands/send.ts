import type { CommandView } from '@fieldline/protocol';
import { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { ttlMs } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { HubClient } from '../hub-client.js';
import { type Params, paramsArgument } from '../params.js';
import { withHint } from '../with-hint.js';
import { commandLines } from './command-words.js';

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
    .option('-t, --ttl <duration>', 'for how long it may wait to be sent: 30s, 1h; at most 7d', ttlMs)
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
  const asked = client.giveCommand(device, {
    ...command,
    ...(options.ttl === undefined ? {} : { ttl: options.ttl }),
    ...(options.queue ? { queue: true } : {}),
  });
  const given = await withHint(asked, 'device_offline', async () => {
    // A device that may not connect cannot be waited for.
    const known = await client.device(device).catch(() => null);
    return known === null || known.disabled ? undefined : 'Add --queue to have it wait.';
  });
  const last = options.wait ? await ended(client, given) : given;
  if (options.json) terminal.print(JSON.stringify(last));
  else for (const line of commandLines(last, terminal.colors)) terminal.print(line);
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

function exitCodeOf({ state, verification }: CommandView): ExitCode {
  if (state === 'timed_out' && verification !== 'verified') return EXIT.unknownOutcome;
  if (verification === 'contradicted') return EXIT.failed;
  return state === 'succeeded' || verification === 'verified' ? EXIT.ok : EXIT.failed;
}
