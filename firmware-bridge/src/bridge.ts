import { join } from 'node:path';
import type { Logger } from 'pino';
import { Board } from './board/board.js';
import { BoardNumbers } from './board/board-numbers.js';
import { CobsCodec } from './board/cobs-codec.js';
import { LinesCodec } from './board/lines-codec.js';
import { FRAME_END } from './cobs/frame.js';
import type { BridgeConfig, PortConfig } from './config/config.js';
import { HubLink } from './hub/hub-link.js';
import { SerialLine } from './port/serial-line.js';
import { Queue } from './queue/queue.js';

const NEWLINE = 10;

/** One board of a running bridge, for the status line and the metrics. */
export interface BridgePort {
  readonly name: string;
  readonly device: string;
  readonly isOpen: boolean;
  readonly board: Board['counts'];
  readonly queue: Queue['stats'];
  readonly hub: HubLink['stats'];
  /** Writes to the port that came to nothing. */
  readonly unsent: number;
}

export interface Bridge {
  readonly ports: readonly BridgePort[];
  /** Closes the ports first, then the connections; what waits stays on the disk. */
  close(): Promise<void>;
}

/**
 * Builds the bridge and starts it: for each port a line, the board behind it, its queue on the disk, and its connection
 * to the hub. One port that cannot be used does not keep the others from working.
 * @throws Error when a queue's directory cannot be used, or a claim key is refused
 */
export async function startBridge(config: BridgeConfig, log: Logger): Promise<Bridge> {
  const open: OpenPort[] = [];
  const close = async () => {
    await Promise.all(open.map((port) => port.close()));
  };
  try {
    for (const port of config.ports) open.push(await openPort(port, config, log.child({ port: port.name })));
  } catch (error) {
    await close();
    throw error;
  }
  return { ports: open, close };
}

interface OpenPort extends BridgePort {
  close(): Promise<void>;
}

async function openPort(port: PortConfig, config: BridgeConfig, log: Logger): Promise<OpenPort> {
  const warn = (message: string, cause?: unknown) => log.warn({ err: cause }, message);
  if (!('token' in port.credential)) throw new Error(`${port.name}: claim keys are not taken yet`);
  const identity = port.credential;
  const queue = await Queue.open(join(config.data, port.name, 'queue'), port.name, config.queue, warn);
  const line = new SerialLine({
    match: port.match,
    baud: port.baud,
    reset: port.reset,
    delimiter: port.framing === 'lines' ? NEWLINE : FRAME_END,
    maxFrameBytes: port.maxLineBytes,
  });
  const link: HubLink = new HubLink({
    url: config.url,
    profile: port.profile,
    queue,
    onCommand: (command, accept) => board.command(command, accept),
    onConfig: (desired, version) => board.config(desired, version),
    warn,
    changed: () => log.info({ state: link.state }, `hub: ${link.state}`),
  });
  const board: Board = new Board({
    codec: () => (port.framing === 'lines' ? new LinesCodec() : new CobsCodec()),
    write: (bytes) => line.write(bytes),
    keep: (message) => queue.add(message),
    numbers: new BoardNumbers(queue.watermarks()),
    present: (facts) => link.present(facts),
    absent: () => link.absent(),
    log: (level, text) => link.log(level, text),
    warn,
    maxLineBytes: port.maxLineBytes,
  });
  line.on('open', (path) => {
    log.info(`${path} is open`);
    board.opened();
  });
  line.on('frame', (frame) => board.heard(frame));
  line.on('tooLong', () => board.tooLong());
  line.on('gone', (reason) => {
    log.warn(`the port is not open: ${reason}`);
    board.gone();
  });
  link.open(identity);
  line.open();
  return {
    name: port.name,
    device: identity.device,
    get isOpen() {
      return line.isOpen;
    },
    board: board.counts,
    get queue() {
      return queue.stats;
    },
    get hub() {
      return link.stats;
    },
    get unsent() {
      return line.unsent;
    },
    async close() {
      await line.close();
      board.gone();
      await link.close();
      await queue.close();
    },
  };
}
