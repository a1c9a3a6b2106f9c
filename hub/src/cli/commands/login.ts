import { Command } from 'commander';
import type { Context } from '../context.js';

/** `fieldline login`: a link for the browser. */
export function loginCommand({ terminal, hub }: Context): Command {
  return new Command('login')
    .description('print a link that logs a browser in, once, within ten minutes')
    .action(async () => {
      const client = await hub();
      const { code } = await client.makeLoginLink();
      terminal.print(`${client.connection.url}/#/login?code=${encodeURIComponent(code)}`);
    });
}
