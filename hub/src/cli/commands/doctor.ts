import { Command } from 'commander';
import type { Finding, FindingState } from '../../doctor/finding.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { printable, type Terminal } from '../terminal.js';

/** `fieldline doctor`: what is wrong with a deployment, and what to do. */
export function doctorCommand(context: Context): Command {
  return new Command('doctor')
    .description(
      'check a deployment, with the hub running or not, and say what to do; exit code 1 when something fails',
    )
    .option('--json', 'print one JSON object a check')
    .action((options: { json?: true }) => doctor(context, options));
}

async function doctor(context: Context, { json }: { json?: true }): Promise<void> {
  // Nobody else needs what asks InfluxDB.
  const { examine } = await import('../../doctor/doctor.js');
  const { lookAtData } = await import('../../doctor/look-at-data.js');
  const { lookAtHub } = await import('../../doctor/look-at-hub.js');
  const { terminal, now } = context;
  const config = context.config();
  const findings = await examine({
    nowMs: now(),
    config,
    nodeVersion: process.version,
    hub: await lookAtHub(await context.hub(), now),
    data: await lookAtData(config.data),
  });
  for (const finding of findings) {
    if (json) terminal.print(JSON.stringify(finding));
    else print(terminal, finding);
  }
  const count = (state: FindingState) => findings.filter((finding) => finding.state === state).length;
  const failed = count('fail');
  const told = `${count('ok')} well, ${count('warn')} to look at, ${failed} failed, ${count('skip')} not seen from here`;
  if (failed > 0) throw new CliError(told);
  if (!json) terminal.note(told);
}

function print({ print, colors }: Terminal, { check, state, code, message, remedy }: Finding): void {
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red, skip: colors.dim }[state];
  const name = state === 'warn' || state === 'fail' ? ` (${code})` : '';
  print(`${paint(state.padEnd(4))}  ${check.padEnd(12)}  ${printable(message)}${name}`);
  if (remedy !== undefined) print(`      ${' '.repeat(12)}  ${colors.bold(remedy)}`);
}
