import type { Role } from '@fieldline/protocol';
import { Command } from 'commander';
import { age, expiry, utc } from '../age.js';
import type { Context } from '../context.js';
import { durationMs } from '../duration.js';
import { roleOf } from '../role.js';
import { table } from '../table.js';
import { printable } from '../terminal.js';

interface AddOptions {
  readonly role: Role;
  readonly expires?: number;
  readonly json?: true;
}

/** `fieldline token api list|add|revoke`: tokens of people and programs. */
export function apiTokenCommand(context: Context): Command {
  const api = new Command('api').description('API tokens: for people and programs');

  api
    .command('list')
    .description('list API tokens')
    .option('--json', 'print one JSON object a line')
    .action((options: { json?: true }) => list(context, options));

  api
    .command('add <name>')
    .description('make an API token and print it, once')
    .option('-r, --role <role>', 'what it may do: viewer, operator or admin', roleOf, 'viewer')
    .option('-e, --expires <duration>', 'when it ends, from now: 30d, 12h, 90m', durationMs)
    .option('--json', 'print JSON')
    .action((name: string, options: AddOptions) => add(context, name, options));

  api
    .command('revoke <token-id>')
    .description('revoke an API token; its sockets and log-ins end within a second')
    .action((id: string) => revoke(context, id));

  return api;
}

async function list({ terminal, hub, now }: Context, { json }: { json?: true }): Promise<void> {
  const rows: string[][] = [];
  for await (const token of (await hub()).apiTokens()) {
    if (json) terminal.print(JSON.stringify(token));
    const { id, name, role, createdAt, lastUsedAt, expiresAt } = token;
    const end = expiry(expiresAt, now());
    rows.push([id, printable(name ?? '-'), role, utc(createdAt), age(lastUsedAt, now()), end]);
  }
  if (json) return;
  const headings = ['TOKEN ID', 'NAME', 'ROLE', 'CREATED', 'LAST USED', 'EXPIRES'];
  const columns = headings.map((heading) => ({ heading }));
  for (const line of table(columns, rows)) terminal.print(line);
}

async function add({ terminal, hub, now }: Context, name: string, options: AddOptions): Promise<void> {
  const { role, expires } = options;
  const ends = expires === undefined ? {} : { expiresAt: now() + expires };
  const made = await (await hub()).addApiToken({ name, role, ...ends });
  if (options.json) return terminal.print(JSON.stringify(made));
  const { bold, dim } = terminal.colors;
  terminal.print(`${bold(made.token)}   ${dim('shown once, so keep it now')}`);
  const end = made.expiresAt === null ? 'does not expire' : `expires ${utc(made.expiresAt)}`;
  terminal.note(`API token ${made.id} with the role ${made.role} ${end}.`);
}

async function revoke({ terminal, hub }: Context, id: string): Promise<void> {
  await (await hub()).revokeApiToken(id);
  terminal.note(`API token ${id} is revoked.`);
}
