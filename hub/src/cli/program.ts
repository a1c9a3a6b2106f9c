import { Command } from 'commander';
import { hubVersion } from '../version.js';
import { alarmsCommand } from './commands/alarms.js';
import { auditCommand } from './commands/audit.js';
import { backupCommand } from './commands/backup.js';
import { claimCommand } from './commands/claim.js';
import { commandCommand } from './commands/command.js';
import { configCommand } from './commands/config.js';
import { dashboardsCommand } from './commands/dashboards.js';
import { deviceCommand } from './commands/device.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { jobCommand } from './commands/job.js';
import { loginCommand } from './commands/login.js';
import { profileCommand } from './commands/profile.js';
import { restoreCommand } from './commands/restore.js';
import { sendCommand } from './commands/send.js';
import { startCommand } from './commands/start.js';
import { tailCommand } from './commands/tail.js';
import { tokenCommand } from './commands/token.js';
import { userCommand } from './commands/user.js';
import type { Context } from './context.js';
import { EXIT_CODES_HELP } from './exit-codes.js';

const ENVIRONMENT_HELP = `
Environment:
  FIELDLINE_URL        address of the hub (default http://127.0.0.1:8080)
  FIELDLINE_API_TOKEN  API token; without it, the file admin-token in the hub's data directory
  FIELDLINE_CONFIG     configuration file; every key is an environment variable too: fieldline config`;

/** Options of the whole program; they may stand before or after the command. */
export interface GlobalOptions {
  readonly url?: string;
  readonly config?: string;
}

/** The whole command line. Nothing runs before it is parsed, and no command ends the process. */
export function buildProgram(context: Context): Command {
  const program = new Command('fieldline')
    .description('Fieldline, the IoT telemetry hub')
    .option('-u, --url <url>', 'address of the hub; wins over FIELDLINE_URL')
    .option('-c, --config <file>', 'configuration file of the hub; wins over FIELDLINE_CONFIG')
    .version(hubVersion())
    .addCommand(startCommand(context))
    .addCommand(deviceCommand(context))
    .addCommand(tokenCommand(context))
    .addCommand(userCommand(context))
    .addCommand(loginCommand(context))
    .addCommand(claimCommand(context))
    .addCommand(profileCommand(context))
    .addCommand(sendCommand(context))
    .addCommand(commandCommand(context))
    .addCommand(jobCommand(context))
    .addCommand(tailCommand(context))
    .addCommand(alarmsCommand(context))
    .addCommand(auditCommand(context))
    .addCommand(configCommand(context))
    .addCommand(backupCommand(context))
    .addCommand(restoreCommand(context))
    .addCommand(exportCommand(context))
    .addCommand(doctorCommand(context))
    .addCommand(dashboardsCommand(context))
    .addHelpText('after', ENVIRONMENT_HELP)
    .addHelpText('after', EXIT_CODES_HELP);
  tame(program, context);
  return program;
}

/** Errors are thrown, and everything is printed on the context's terminal: for each command, at any depth. */
function tame(command: Command, context: Context): void {
  const line = (text: string) => text.replace(/\n$/, '');
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => context.terminal.print(line(text)),
    writeErr: (text) => context.terminal.note(line(text)),
  });
  for (const part of command.commands) tame(part, context);
}
