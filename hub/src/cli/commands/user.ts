import type { Role } from '@fieldline/protocol';
import { Command } from 'commander';
import { age, utc } from '../age.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { roleOf } from '../role.js';
import { table } from '../table.js';
import type { Terminal } from '../terminal.js';

/** `fieldline user list|add|role|password|remove`: those who log in by name and password. */
export function userCommand(context: Context): Command {
  const user = new Command('user').description('users: they log in to the page by name and password');

  user
    .command('list')
    .description('list users')
    .option('--json', 'print one JSON object a line')
    .action((options: { json?: true }) => list(context, options));

  user
    .command('add <name>')
    .description('make a user; the password is asked for, or read from standard input')
    .option('-r, --role <role>', 'what they may do: viewer, operator or admin', roleOf, 'viewer')
    .action((name: string, options: { role: Role }) => add(context, name, options.role));

  user
    .command('role <name> <role>')
    .description('give a user another role; they have to log in again')
    .action((name: string, role: string) => changeRole(context, name, roleOf(role)));

  user
    .command('password <name>')
    .description('give a user another password; they have to log in again')
    .action((name: string) => changePassword(context, name));

  user
    .command('remove <name>')
    .description('remove a user; their log-ins end within a second')
    .action((name: string) => remove(context, name));

  return user;
}

async function list({ terminal, hub, now }: Context, { json }: { json?: true }): Promise<void> {
  const rows: string[][] = [];
  for await (const user of (await hub()).users()) {
    if (json) terminal.print(JSON.stringify(user));
    rows.push([user.username, user.role, utc(user.createdAt), age(user.lastUsedAt, now())]);
  }
  if (json) return;
  if (rows.length === 0) {
    return terminal.note('There are no users. Make the first one: fieldline user add <name> --role admin');
  }
  const columns = ['USER', 'ROLE', 'CREATED', 'LOGGED IN'].map((heading) => ({ heading }));
  for (const line of table(columns, rows)) terminal.print(line);
}

async function add({ terminal, hub }: Context, name: string, role: Role): Promise<void> {
  const client = await hub();
  const password = await newPassword(terminal, name);
  const made = await client.addUser({ username: name, password, role });
  terminal.note(`User ${made.username} is made, with the role ${made.role}.`);
}

async function changeRole({ terminal, hub }: Context, name: string, role: Role): Promise<void> {
  const user = await (await hub()).changeUser(name, { role });
  terminal.note(`User ${user.username} has the role ${user.role} now.`);
}

async function changePassword({ terminal, hub }: Context, name: string): Promise<void> {
  const client = await hub();
  await client.changeUser(name, { password: await newPassword(terminal, name) });
  terminal.note(`User ${name} has another password now.`);
}

async function remove({ terminal, hub }: Context, name: string): Promise<void> {
  await (await hub()).removeUser(name);
  terminal.note(`User ${name} is removed.`);
}

/** Never an argument: other users of the machine can read those, and the shell keeps them. */
async function newPassword(terminal: Terminal, name: string): Promise<string> {
  const answers = await terminal.askSecretly([`New password of ${name}:`, 'Once more:']);
  const [password = '', again = password] = answers ?? [];
  if (password === '') {
    throw new CliError('No password was given.', {
      exitCode: EXIT.usage,
      hint: 'Type it when asked, or pipe it in as one line.',
    });
  }
  if (password !== again) throw new CliError('The two passwords differ.', { exitCode: EXIT.usage });
  return password;
}
