import { COMMAND_STATES, type CommandState, type CommandView } from '@fieldline/protocol';
import { Command, Option } from 'commander';
import { age, utc } from '../age.js';
import type { Context } from '../context.js';
import { firstOf } from '../first-of.js';
import { pairs, table } from '../table.js';
import { printable, type Terminal } from '../terminal.js';
import { wholeNumber } from '../whole-number.js';
import { commandLines, outcomeOf, paramsText, stateWord } from './command-words.js';

interface ListOptions {
  readonly device?: string;
  readonly state?: CommandState;
  readonly limit: number;
  readonly json?: true;
}

/** `fieldline command list|show|cancel`: what devices were told to do, and what became of it. */
export function commandCommand(context: Context): Command {
  const command = new Command('command').description(
    'what devices were told to do, and what became of it; to give one: fieldline send',
  );

  command
    .command('list')
    .description('list commands, newest first')
    .option('-d, --device <id>', 'of this device only')
    .addOption(new Option('-s, --state <state>', 'in this state only').choices(COMMAND_STATES))
    .option('-n, --limit <count>', 'at most so many', wholeNumber, 100)
    .option('--json', 'print one JSON object a line')
    .action((options: ListOptions) => list(context, options));

  command
    .command('show <id>')
    .description('show all that is known of a command')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true }) => show(context, id, options));

  command
    .command('cancel <id>')
    .description('take a command back that was not sent')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true }) => cancel(context, id, options));

  return command;
}

async function list({ terminal, hub, now }: Context, { device, state, limit, json }: ListOptions) {
  const client = await hub();
  const listing = device === undefined ? client.commands(state) : client.deviceCommands(device, state);
  const { items, hasMore } = await firstOf(listing, limit);
  if (json) for (const command of items) terminal.print(JSON.stringify(command));
  else if (items.length === 0) terminal.note('There is no such command.');
  else {
    const headings = ['COMMAND ID', 'DEVICE', 'COMMAND', 'PARAMS', 'STATE', 'TELEMETRY', 'GIVEN', 'BY'];
    const rows = items.map((command) => rowOf(terminal, command, now()));
    for (const line of table(
      headings.map((heading) => ({ heading })),
      rows,
    ))
      terminal.print(line);
  }
  if (hasMore) terminal.note('There are more: --limit');
}

async function show({ terminal, hub, now }: Context, id: string, { json }: { json?: true }) {
  const command = await (await hub()).command(id);
  if (json) return terminal.print(JSON.stringify(command, null, 2));
  const { dim, bold } = terminal.colors;
  const { device, name, params, queue, ttl, by, error, result } = command;
  const when = (at: number | null | undefined) =>
    at === null || at === undefined ? '-' : `${utc(at)}  ${dim(age(at, now()))}`;
  const facts: [string, string][] = [
    ['id', id],
    ['device', bold(device)],
    ['command', name],
    ['params', paramsText(params) || '-'],
    ['state', outcomeOf(command)],
    ['error', error === null ? '-' : printable(`${error.code}: ${error.message}`)],
    ['result', result === null ? '-' : printable(JSON.stringify(result))],
    ['by', printable(by)],
    ['given', when(command.createdAt)],
    ['may wait', `${ttl / 1_000} s${queue ? ', also for a device that is offline' : ''}`],
    ['sent', when(command.sentAt)],
    ['accepted', when(command.acceptedAt)],
    ['ended', when(command.finishedAt)],
    ['telemetry', command.verification ?? '-'],
    ['decided', when(command.verifiedAt)],
  ];
  for (const line of pairs(facts)) terminal.print(line);
}

async function cancel({ terminal, hub }: Context, id: string, { json }: { json?: true }) {
  const command = await (await hub()).cancelCommand(id);
  if (json) terminal.print(JSON.stringify(command));
  else for (const line of commandLines(command, terminal.colors)) terminal.print(line);
}

function rowOf({ colors }: Terminal, command: CommandView, nowMs: number): string[] {
  const { id, device, name, params, state, verification, createdAt, by } = command;
  const isBad = state === 'failed' || state === 'rejected';
  const color = isBad ? colors.red : state === 'timed_out' ? colors.yellow : String;
  const proof = verification === 'contradicted' ? colors.red(verification) : (verification ?? '-');
  return [
    ...[id, device, name, paramsText(params) || '-', color(stateWord(state)), proof],
    ...[age(createdAt, nowMs), printable(by)],
  ];
}
