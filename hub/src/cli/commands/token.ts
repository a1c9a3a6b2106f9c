import { Command } from 'commander';
import { age, expiry, utc } from '../age.js';
import type { Context } from '../context.js';
import { durationMs } from '../duration.js';
import { table } from '../table.js';
import { printable } from '../terminal.js';
import { apiTokenCommand } from './token-api.js';

interface AddOptions {
  readonly name?: string;
  readonly expires?: number;
  readonly json?: true;
}

/**
 * `fieldline token list|add|revoke`: the tokens of a device. Several may live at once, so that a token is
 * rotated without a disconnect: add one, put it on the device, revoke the old one.
 */
export function tokenCommand(context: Context): Command {
  const token = new Command('token').description('tokens of a device: several may live at once; API tokens');

  token
    .command('list <device>')
    .description('list the tokens of a device')
    .option('--json', 'print one JSON object a line')
    .action((device: string, options: { json?: true }) => list(context, device, options));

  token
    .command('add <device>')
    .description('make one more token and print it, once')
    .option('-n, --name <text>', 'what it is for')
    .option('-e, --expires <duration>', 'when it ends, from now: 30d, 12h, 90m', durationMs)
    .option('--json', 'print JSON')
    .action((device: string, options: AddOptions) => add(context, device, options));

  token
    .command('revoke <device> <token-id>')
    .description('revoke a token; a session that uses it is closed within a second')
    .action((device: string, tokenId: string) => revoke(context, device, tokenId));

  token.addCommand(apiTokenCommand(context));
  return token;
}

async function list(
  { terminal, hub, now }: Context,
  device: string,
  options: { json?: true },
): Promise<void> {
  const rows: string[][] = [];
  for await (const token of (await hub()).tokens(device)) {
    if (options.json) terminal.print(JSON.stringify(token));
    else {
      const used = age(token.lastUsedAt, now());
      rows.push([
        token.id,
        printable(token.name ?? '-'),
        utc(token.createdAt),
        used,
        expiry(token.expiresAt, now()),
      ]);
    }
  }
  if (options.json) return;
  if (rows.length === 0) return terminal.note(`${device} has no token: it cannot connect.`);
  const headings = ['TOKEN ID', 'NAME', 'CREATED', 'LAST USED', 'EXPIRES'].map((heading) => ({ heading }));
  for (const line of table(headings, rows)) terminal.print(line);
}

async function add({ terminal, hub, now }: Context, device: string, options: AddOptions): Promise<void> {
  const made = await (await hub()).addToken(device, {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.expires === undefined ? {} : { expiresAt: now() + options.expires }),
  });
  if (options.json) return terminal.print(JSON.stringify(made));
  const { bold, dim } = terminal.colors;
  terminal.print(`${bold(made.token)}   ${dim('shown once, so keep it now')}`);
  const end = made.expiresAt === null ? 'does not expire' : `expires ${utc(made.expiresAt)}`;
  terminal.note(`Token ${made.id} of ${device} ${end}.`);
}

async function revoke({ terminal, hub }: Context, device: string, tokenId: string): Promise<void> {
  await (await hub()).revokeToken(device, tokenId);
  terminal.note(`Token ${tokenId} of ${device} is revoked.`);
}
