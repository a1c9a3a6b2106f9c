import { ALARM_STATES, type AlarmState, type AlarmView } from '@fieldline/protocol';
import { Command, Option } from 'commander';
import { limitWords } from '../../alarms/limit-words.js';
import { age } from '../age.js';
import type { Context } from '../context.js';
import { firstOf } from '../first-of.js';
import { table } from '../table.js';
import { printable, type Terminal } from '../terminal.js';
import { wholeNumber } from '../whole-number.js';
import { valueText } from './device-words.js';

interface ListOptions {
  readonly device?: string;
  readonly state?: AlarmState;
  readonly limit: number;
  readonly json?: true;
}

interface AckOptions {
  readonly note?: string;
  readonly json?: true;
}

/** What is asked for where no state is named: all that is not over. */
const NOT_OVER = ['raised', 'acknowledged'] as const;

/** `fieldline alarms [list]|ack`: what is wrong, and that somebody has seen it. */
export function alarmsCommand(context: Context): Command {
  const alarms = new Command('alarms').description('what is wrong, and that you have seen it');

  alarms
    .command('list', { isDefault: true })
    .description('list alarms that are not over, newest first; the word may be left out')
    .option('-d, --device <id>', 'of this device only')
    .addOption(new Option('-s, --state <state>', 'in this state only').choices(ALARM_STATES))
    .option('-n, --limit <count>', 'at most so many of each state', wholeNumber, 100)
    .option('--json', 'print one JSON object a line')
    .action((options: ListOptions) => list(context, options));

  alarms
    .command('ack')
    .description('say that you have seen alarms; who was first stays')
    .argument('<id...>', 'ids of alarms, as the list shows them')
    .option('-n, --note <text>', 'what you know of it')
    .option('--json', 'print one JSON object a line')
    .action((ids: string[], options: AckOptions) => acknowledge(context, ids, options));

  return alarms;
}

async function list({ terminal, hub, now }: Context, options: ListOptions): Promise<void> {
  const client = await hub();
  const rows: string[][] = [];
  let isCut = false;
  for (const state of options.state === undefined ? NOT_OVER : [options.state]) {
    const { items, hasMore } = await firstOf(client.alarms({ state, ...pick(options) }), options.limit);
    isCut ||= hasMore;
    for (const alarm of items) {
      if (options.json) terminal.print(JSON.stringify(alarm));
      else rows.push(rowOf(terminal, alarm, now()));
    }
  }
  if (!options.json && rows.length === 0) {
    const isNarrowed = options.state !== undefined || options.device !== undefined;
    return terminal.note(isNarrowed ? 'No alarm fits.' : 'No alarm is raised.');
  }
  if (!options.json) {
    const headings = ['ALARM ID', 'STATE', 'DEVICE', 'WHAT', 'WORST', 'SINCE', 'SEEN BY'];
    for (const line of table(
      headings.map((heading) => ({ heading })),
      rows,
    ))
      terminal.print(line);
  }
  if (isCut) terminal.note('There are more: --limit');
}

function pick({ device }: ListOptions): { device?: string } {
  return device === undefined ? {} : { device };
}

async function acknowledge(
  { terminal, hub, now }: Context,
  ids: readonly string[],
  { note, json }: AckOptions,
): Promise<void> {
  const { items } = await (await hub()).acknowledgeAlarms({ ids, ...(note === undefined ? {} : { note }) });
  for (const alarm of items) {
    const { device, acknowledgedBy, acknowledgedAt } = alarm;
    if (json) terminal.print(JSON.stringify(alarm));
    else {
      const who = `seen by ${printable(acknowledgedBy ?? '-')}, ${age(acknowledgedAt, now())}`;
      terminal.print(`${printable(device)}: ${printable(limitWords(alarm))}: ${who}`);
    }
  }
}

function rowOf({ colors }: Terminal, alarm: AlarmView, nowMs: number): string[] {
  const { id, device, level, state, past, worst, since, acknowledgedBy } = alarm;
  const isOver = state === 'cleared' || past;
  const color = isOver ? colors.dim : level === 'alarm' ? colors.red : colors.yellow;
  return [
    id,
    color(`${level} ${past ? 'past' : state}`),
    device,
    printable(limitWords(alarm)),
    valueText(worst),
    age(since, nowMs),
    printable(acknowledgedBy ?? '-'),
  ];
}
