import { createInterface } from 'node:readline';
import pico from 'picocolors';
import type { BoardCodec } from '../board/board-codec.js';
import { CobsCodec } from '../board/cobs-codec.js';
import { LinesCodec } from '../board/lines-codec.js';
import { type Host, stopSignal } from '../cli/host.js';
import type { MonitorFlags } from '../cli/program.js';
import { SerialLine } from '../port/serial-line.js';
import { show } from './show.js';
import { readTyped, TYPED_HELP } from './typed.js';

const NEWLINE = 10;
const FRAME_END = 0;

/**
 * Shows what a board says, until a signal. Nothing is acknowledged: what a board keeps for the bridge, it keeps.
 */
export async function runMonitor(flags: MonitorFlags, host: Host): Promise<void> {
  const colors = pico.createColors(host.stdout.isTTY === true && !host.env.NO_COLOR);
  const print = (text: string) => void host.stdout.write(`${colors.dim(clock())}  ${text}\n`);
  const isLines = flags.framing === 'lines';
  const line = new SerialLine({
    match: { path: flags.path },
    baud: flags.baud,
    reset: flags.reset,
    delimiter: isLines ? NEWLINE : FRAME_END,
    maxFrameBytes: flags.maxLineBytes ?? (isLines ? 1_024 : 1_040),
  });
  let codec: BoardCodec = new LinesCodec();
  line.on('open', (path) => {
    codec = isLines ? new LinesCodec() : new CobsCodec();
    print(colors.bold(`${path} is open, ${flags.baud} baud, ${flags.framing}. ${TYPED_HELP}`));
    line.write(codec.question());
  });
  line.on('gone', (reason) => print(colors.yellow(`the port is not open: ${reason}`)));
  line.on('tooLong', () => print(colors.red('a line that is too long was dropped')));
  line.on('frame', (frame) => {
    const text = show(codec.read(frame), frame, flags.framing, colors);
    if (text !== undefined) print(text);
  });
  const send = commandSender((bytes) => line.write(bytes), print);
  const input = createInterface({ input: host.stdin, terminal: false });
  input.on('line', (text) => send(text, codec));
  const signal = stopSignal(host);
  line.open();
  await signal.stopped;
  signal.release();
  input.close();
  await line.close();
}

function commandSender(write: (bytes: Buffer) => boolean, print: (text: string) => void) {
  // A board answers an id that it knows from its memory: no two monitors use the same.
  const prefix = `m${Date.now().toString(36)}`;
  let sent = 0;
  return (text: string, codec: BoardCodec): void => {
    const typed = readTyped(text, `${prefix}x${++sent}`);
    try {
      if (typed.kind === 'wrong') print(typed.reason);
      else if (typed.kind !== 'nothing') {
        const bytes =
          typed.kind === 'question'
            ? codec.question()
            : codec.command(typed.command, Number.POSITIVE_INFINITY);
        const isSent = write(bytes);
        const what = typed.kind === 'question' ? 'hello?' : `${typed.command.id} ${text.trim()}`;
        print(isSent ? `sent     ${what}` : `not sent: the port is not open`);
      }
    } catch (error) {
      print((error as Error).message);
    }
  };
}

function clock(): string {
  return new Date().toISOString().slice(11, 23);
}
