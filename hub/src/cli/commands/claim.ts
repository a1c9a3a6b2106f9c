import { Command, InvalidArgumentError } from 'commander';
import { age, utc } from '../age.js';
import type { Context } from '../context.js';
import { durationMs } from '../duration.js';
import { table } from '../table.js';
import { collectTag } from '../tags.js';
import { printable } from '../terminal.js';

interface AddOptions {
  readonly profile: string;
  readonly name?: string;
  readonly limit?: number;
  readonly expires?: number;
  readonly tag?: Record<string, string>;
  readonly prefix?: string;
  readonly approval?: true;
  readonly renew?: true;
  readonly json?: true;
}

/** `fieldline claim add|list|revoke|pending|approve|reject`: keys by which new devices register themselves. */
export function claimCommand(context: Context): Command {
  const claim = new Command('claim').description('claim keys: new devices register themselves with one');

  claim
    .command('add')
    .description('make a claim key and print it, once')
    .requiredOption('-p, --profile <name>', 'profile of the devices')
    .option('-l, --limit <count>', 'how many devices it is for (default: 1)', count)
    .option('-e, --expires <duration>', 'when it ends, from now: 12h, 30d (default: 1d)', durationMs)
    .option('-n, --name <text>', 'what it is for')
    .option('-t, --tag <key=value>', 'a tag of the devices; may be repeated', collectTag)
    .option('--prefix <text>', 'what the ids of the devices begin with')
    .option('--approval', 'an operator lets each device in: fieldline claim pending')
    .option('--renew', 'a device that was there before may fetch a new token by itself')
    .option('--json', 'print JSON')
    .action((options: AddOptions) => add(context, options));

  claim
    .command('list')
    .description('list claim keys')
    .option('--json', 'print one JSON object a line')
    .action((options: { json?: true }) => list(context, options));

  claim
    .command('revoke <claim-id>')
    .description('remove a claim key; devices that came with it stay')
    .action(async (id: string) => {
      await (await context.hub()).revokeClaim(id);
      context.terminal.note(`Claim key ${id} is removed.`);
    });

  claim
    .command('pending')
    .description('list devices that wait to be let in')
    .option('--json', 'print one JSON object a line')
    .action((options: { json?: true }) => pending(context, options));

  claim
    .command('approve <id>')
    .description('let a waiting device in')
    .action(async (id: string) => {
      const { device } = await (await context.hub()).approveDevice(id);
      context.terminal.note(`It is let in as ${device}, and gets its token when it asks again.`);
    });

  claim
    .command('reject <id>')
    .description('turn a waiting device away')
    .action(async (id: string) => {
      await (await context.hub()).rejectDevice(id);
      context.terminal.note(`${id} is turned away.`);
    });

  return claim;
}

async function add({ terminal, hub, now }: Context, options: AddOptions): Promise<void> {
  const { profile, name, limit, expires, tag, prefix, approval, renew } = options;
  const client = await hub();
  const made = await client.addClaim({
    profile,
    ...(name === undefined ? {} : { name }),
    ...(limit === undefined ? {} : { limit }),
    ...(expires === undefined ? {} : { expiresAt: now() + expires }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(prefix === undefined ? {} : { idPrefix: prefix }),
    ...(approval ? { approval } : {}),
    ...(renew ? { renew } : {}),
  });
  if (options.json) return terminal.print(JSON.stringify(made));
  const { bold, dim } = terminal.colors;
  terminal.print(`${bold(made.claim)}   ${dim('shown once, so keep it now')}`);
  terminal.note(
    `Claim key ${made.id} is for ${made.limit} of ${made.profile}, until ${utc(made.expiresAt)}.`,
  );
  terminal.note(dim(`A device exchanges it: POST ${client.connection.url}/api/v1/provision {"claim":"…"}`));
}

async function list({ terminal, hub, now }: Context, { json }: { json?: true }): Promise<void> {
  const rows: string[][] = [];
  for await (const claim of (await hub()).claims()) {
    if (json) terminal.print(JSON.stringify(claim));
    const { id, name, profile, used, limit, approval, expiresAt, lastUsedAt } = claim;
    const end = expiresAt <= now() ? 'expired' : utc(expiresAt);
    const how = approval ? 'by approval' : 'at once';
    rows.push([id, printable(name ?? '-'), profile, `${used}/${limit}`, how, age(lastUsedAt, now()), end]);
  }
  if (json) return;
  if (rows.length === 0) return terminal.note('There are no claim keys.');
  const headings = ['CLAIM ID', 'NAME', 'PROFILE', 'USED', 'LETS IN', 'LAST USED', 'EXPIRES'];
  const columns = headings.map((heading) => ({ heading }));
  for (const line of table(columns, rows)) terminal.print(line);
}

async function pending({ terminal, hub, now }: Context, { json }: { json?: true }): Promise<void> {
  const rows: string[][] = [];
  for await (const waiting of (await hub()).pendingDevices()) {
    if (json) terminal.print(JSON.stringify(waiting));
    const { id, profile, hardwareId, name, address, createdAt } = waiting;
    rows.push([id, profile, hardwareId ?? '-', printable(name ?? '-'), address, age(createdAt, now())]);
  }
  if (json) return;
  if (rows.length === 0) return terminal.note('Nobody waits.');
  const columns = ['ID', 'PROFILE', 'HARDWARE', 'NAME', 'ADDRESS', 'SINCE'].map((heading) => ({ heading }));
  for (const line of table(columns, rows)) terminal.print(line);
}

function count(text: string): number {
  const number = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) throw new InvalidArgumentError('A limit is a number of devices.');
  return number;
}
