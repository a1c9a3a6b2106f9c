import type { AuditEntry, AuditFilter } from '@fieldline/protocol';
import { Command, Option } from 'commander';
import { utc } from '../age.js';
import type { Context } from '../context.js';
import { firstOf } from '../first-of.js';
import { momentOf } from '../moment.js';
import { table } from '../table.js';
import { printable } from '../terminal.js';
import { wholeNumber } from '../whole-number.js';

interface AuditOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly csv?: true;
  readonly json?: true;
}

/** `fieldline audit`: who did what. */
export function auditCommand(context: Context): Command {
  return new Command('audit')
    .description('who did what, newest first')
    .option('--actor <name>', 'by whom: user:ada, token:ci, device:esp-7f3a, hub')
    .option('--action <name>', 'what, or how it begins: command.sent, command')
    .option('--subject <name>', 'to what: device:esp-7f3a')
    .option('--from <moment>', 'since then: 2026-01-31, 2026-01-31T12:00:00Z, or so long ago: 24h')
    .option('--to <moment>', 'before then')
    .option('-n, --limit <count>', 'show at most so many; --csv and --json have all', wholeNumber, 100)
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .option('--json', 'print one JSON object a line')
    .action((options: AuditOptions) => audit(context, options));
}

async function audit(context: Context, options: AuditOptions): Promise<void> {
  const { terminal, hub, now } = context;
  const filter = filterOf(options, now());
  if (options.csv || options.json) return exported(context, filter, options.csv ? 'csv' : 'ndjson');
  const { items, hasMore } = await firstOf((await hub()).audit(filter), options.limit);
  if (items.length === 0) return terminal.note('There is no such entry.');
  const headings = ['TIME', 'BY', 'FROM', 'ACTION', 'SUBJECT', 'RESULT', 'DETAILS'];
  for (const line of table(
    headings.map((heading) => ({ heading })),
    items.map(rowOf),
  ))
    terminal.print(line);
  if (hasMore) terminal.note('There are more: --limit, --csv or --json');
}

/** The whole of it, as it comes. */
async function exported({ terminal, hub, stopSignal }: Context, filter: AuditFilter, format: string) {
  const query = new URLSearchParams({ format });
  for (const [key, value] of Object.entries(filter)) query.set(key, String(value));
  const body = await (await hub()).download('GET', `/audit/export?${query}`, stopSignal());
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) terminal.print(line);
  }
}

function filterOf({ actor, action, subject, from, to }: AuditOptions, nowMs: number): AuditFilter {
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(subject === undefined ? {} : { subject }),
    ...(from === undefined ? {} : { from: momentOf(from, nowMs) }),
    ...(to === undefined ? {} : { to: momentOf(to, nowMs) }),
  };
}

function rowOf({ at, actor, address, action, subject, result, details }: AuditEntry): string[] {
  const told = details === null ? '' : JSON.stringify(details);
  return [utc(at), ...[actor, address ?? '-', action, subject, result, told].map(printable)];
}
