import { join } from 'node:path';
import type { Logger } from 'pino';
import { Board } from './board/board.js';
import { BoardNumbers } from './board/board-numbers.js';
import { CobsCodec } from './board/cobs-codec.js';
import { LinesCodec } from './board/lines-codec.js';
import { FRAME_END } from './cobs/frame.js';
import type { BridgeConfig, PortConfig } from './config/config.js';
import { HubLink, type Identity } from './hub/hub-link.js';
import { hubWord } from './hub/hub-word.js';
import { Provisioning } from './hub/provisioning.js';
import { SparseLog } from './log/sparse-log.js';
import { portList, SerialLine } from './port/serial-line.js';
import { Queue } from './queue/queue.js';

const NEWLINE = 10;

/** A board with its port, its queue on the disk, and its connection to the hub. */
export class BoardPort {
  readonly #config: PortConfig;
  readonly #log: Logger;
  readonly #queue: Queue;
  readonly #line: SerialLine;
  readonly #board: Board;
  readonly #link: HubLink;
  readonly #provisioning: Provisioning | undefined;
  #device: string | null = null;

  private constructor(config: PortConfig, bridge: BridgeConfig, queue: Queue, log: Logger) {
    const { warn } = new SparseLog(log);
    this.#config = config;
    this.#log = log;
    this.#queue = queue;
    this.#line = new SerialLine({
      match: config.match,
      baud: config.baud,
      reset: config.reset,
      delimiter: config.framing === 'lines' ? NEWLINE : FRAME_END,
      maxFrameBytes: config.maxLineBytes,
    });
    this.#link = new HubLink({
      url: bridge.url,
      isNamed: bridge.ports.length > 1,
      profile: config.profile,
      queue,
      onCommand: (command, accept) => this.#board.command(command, accept),
      onConfig: (desired, version) => this.#board.config(desired, version),
      warn,
      changed: () => log.info(`hub: ${hubWord(this.#link.stats)}`),
    });
    this.#board = new Board({
      codec: () => (config.framing === 'lines' ? new LinesCodec() : new CobsCodec()),
      write: (bytes) => this.#line.write(bytes),
      isClear: () => this.#line.isClear,
      keep: (message) => queue.add(message),
      numbers: new BoardNumbers(queue.watermarks()),
      present: (facts) => this.#link.present(facts),
      absent: () => this.#link.absent(),
      log: (level, text) => this.#link.log(level, text),
      warn,
      maxLineBytes: config.maxLineBytes,
    });
    const { credential } = config;
    if ('claimKey' in credential) {
      this.#provisioning = new Provisioning({
        url: bridge.url,
        claimKey: credential.claimKey,
        file: join(bridge.data, config.name, 'identity.json'),
        hardwareId: async () => credential.hardwareId ?? (await this.#serialNumber()),
        warn,
      });
    }
  }

  /** @throws Error when its directory cannot be used */
  static async open(config: PortConfig, bridge: BridgeConfig, log: Logger): Promise<BoardPort> {
    const directory = join(bridge.data, config.name, 'queue');
    const queue = await Queue.open(directory, config.name, {
      ...bridge.queue,
      warn: (message, cause) => log.warn({ err: cause }, message),
    });
    const port = new BoardPort(config, bridge, queue, log);
    port.#open();
    return port;
  }

  /** What the configuration calls it. */
  get name(): string {
    return this.#config.name;
  }

  /** Its id at the hub; null while a claim key was not exchanged. */
  get device(): string | null {
    return this.#device;
  }

  /** Of its serial port; null while that is not open. */
  get path(): string | null {
    return this.#line.path;
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  get board() {
    return this.#board.counts;
  }

  get queue() {
    return this.#queue.stats;
  }

  get hub() {
    return this.#link.stats;
  }

  /** Writes to the port that came to nothing. */
  get unsent(): number {
    return this.#line.unsent;
  }

  /** Closes the port first, then the connection; what waits stays on the disk. */
  async close(): Promise<void> {
    this.#provisioning?.close();
    await this.#line.close();
    this.#board.gone();
    await this.#link.close();
    await this.#queue.close();
  }

  #open(): void {
    this.#line.on('open', (path) => {
      this.#log.info(`${path} is open`);
      this.#board.opened();
    });
    this.#line.on('frame', (frame) => this.#board.heard(frame));
    this.#line.on('tooLong', () => this.#board.tooLong());
    this.#line.on('gone', (reason) => {
      this.#log.warn(`the port is not open: ${reason}`);
      this.#board.gone();
    });
    this.#line.open();
    this.#identity().then(
      (identity) => {
        if (identity === undefined) return;
        this.#device = identity.device;
        if (this.#provisioning !== undefined) this.#log.info(`the hub knows it as ${identity.device}`);
        this.#link.open(identity);
      },
      (error: unknown) => this.#log.error({ err: error }, 'the board has no identity; its readings wait'),
    );
  }

  async #identity(): Promise<Identity | undefined> {
    const { credential } = this.#config;
    return 'token' in credential ? credential : this.#provisioning?.identity();
  }

  /** Of the board's USB device, which is known once the port was opened. */
  async #serialNumber(): Promise<string | undefined> {
    const path =
      this.#line.path ?? (await new Promise<string>((resolve) => this.#line.once('open', resolve)));
    const serial = await portList.serialNumberOf(path);
    return serial !== undefined && /^[A-Za-z0-9._:-]{1,64}$/.test(serial) ? serial : undefined;
  }
}
