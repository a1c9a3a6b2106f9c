import type { LiveMessage } from '@fieldline/protocol';
import { Command } from 'commander';
import { age } from '../age.js';
import type { Context } from '../context.js';
import { followLive } from '../live-socket.js';
import { printable, type Terminal } from '../terminal.js';

interface TailOptions {
  readonly metric?: string[];
  readonly log?: true;
  readonly json?: true;
}

/** `fieldline tail [device]`: live readings in the terminal, until Ctrl-C. */
export function tailCommand(context: Context): Command {
  return new Command('tail')
    .description('follow live readings, connects and disconnects, until Ctrl-C')
    .argument('[device]', 'one device; all without it')
    .option('-m, --metric <name...>', 'only these metrics')
    .option('-l, --log', "the device's own log lines too")
    .option('--json', 'print one JSON object a line')
    .action((device: string | undefined, options: TailOptions) => tail(context, device, options));
}

async function tail(context: Context, device: string | undefined, options: TailOptions): Promise<void> {
  const { terminal, now } = context;
  const client = await context.hub();
  if (device !== undefined) {
    // Asked over HTTP first: an unknown device or a bad token is then told as for every other command.
    const known = await client.device(device);
    if (!known.online) {
      terminal.note(
        terminal.colors.dim(`${device} is not connected; last seen: ${age(known.lastSeen, now())}`),
      );
    }
  }
  const print = options.json ? printJson : printLine;
  await followLive({
    connection: client.connection,
    subscription: {
      devices: device === undefined ? '*' : [device],
      ...(options.metric === undefined ? {} : { metrics: options.metric }),
      what: options.log ? ['telemetry', 'status', 'log'] : ['telemetry', 'status'],
      minPeriod: 0,
    },
    signal: context.stopSignal(),
    onMessage: (message) => {
      if (message.type === 'snapshot' && !message.more) {
        terminal.note(terminal.colors.dim(`Connected to ${client.connection.url}; waiting for readings…`));
      }
      print(terminal, message);
    },
    onNote: (note) => terminal.note(terminal.colors.dim(note)),
  });
}

function printJson(terminal: Terminal, message: LiveMessage): void {
  // The snapshot is passed over: what is printed is what happens from now on.
  if (message.type === 'snapshot') return;
  if (message.type !== 'update') {
    terminal.print(JSON.stringify(message));
    return;
  }
  for (const [device, time, values] of message.readings) {
    terminal.print(JSON.stringify({ device, time, values }));
  }
}

function printLine(terminal: Terminal, message: LiveMessage): void {
  const { bold, dim, yellow } = terminal.colors;
  switch (message.type) {
    case 'update':
      for (const [device, time, values] of message.readings) {
        const shown = Object.entries(values).map(
          ([name, value]) => `${dim(name)} ${printable(String(value))}`,
        );
        terminal.print(`${dim(clock(time))}  ${bold(device)}  ${shown.join('  ')}`);
      }
      return;
    case 'status': {
      const state = message.online ? 'connected' : yellow('disconnected');
      const why = message.online ? undefined : message.reason;
      const reason = why === undefined ? '' : dim(` (${printable(why)})`);
      terminal.print(`${dim(clock(message.at))}  ${bold(message.device)}  ${state}${reason}`);
      return;
    }
    case 'log':
      terminal.print(
        `${dim(clock(message.at))}  ${bold(message.device)}  ${message.level}: ${printable(message.message)}`,
      );
      return;
    case 'lag':
      terminal.note(yellow(`The terminal is slow: ${message.dropped} updates were skipped.`));
  }
}

/** The time of day in this terminal's zone, to the millisecond: `14:03:20.123`. */
function clock(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (part: number) => String(part).padStart(2, '0');
  const seconds = `${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
  return `${two(time.getHours())}:${two(time.getMinutes())}:${seconds}`;
}
