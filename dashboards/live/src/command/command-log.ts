import type { CommandView, Page } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import type { LiveMessage } from '../live/messages.js';
import type { LiveSocket } from '../live/socket.js';
import { isUnderWay, later } from './progress.js';

/** Commands kept on the page; older ones make room. */
const MOST = 2_000;
const PERIOD_MS = 1_000;

export interface CommandSource {
  /** A page of commands, newest first. */
  readonly list: (cursor?: string) => Promise<Page<CommandView>>;
  /** One command as it is now. */
  readonly one: (id: string) => Promise<CommandView>;
}

/** Commands of one device or of all, newest first, kept true by the live socket until closed. */
export class CommandLog {
  readonly items = signal<readonly CommandView[]>([]);
  readonly state = signal<'loading' | 'ready' | 'failed'>('loading');
  readonly reason = signal('');
  /** There are older ones to ask for. */
  readonly more = signal(false);
  readonly #socket: LiveSocket;
  readonly #devices: '*' | readonly string[];
  readonly #source: CommandSource;
  #cursor: string | null = null;
  #stop: () => void = () => {};

  constructor(socket: LiveSocket, devices: '*' | readonly string[], source: CommandSource) {
    this.#socket = socket;
    this.#devices = devices;
    this.#source = source;
  }

  open(): void {
    // First listen, then ask: what happens between the two is put together by how far each telling has come.
    const unsubscribe = this.#socket.subscribe(
      { devices: this.#devices, what: ['command'], minPeriod: PERIOD_MS },
      (message) => this.#hear(message),
    );
    void this.again();
    const unmiss = this.#socket.missed.subscribe((missed) => missed && void this.again());
    this.#stop = () => {
      unsubscribe();
      unmiss();
    };
  }

  close(): void {
    this.#stop();
  }

  /** Asks for the newest, and for what was under way when last heard of. */
  async again(): Promise<void> {
    const page = await this.#ask();
    if (page === undefined) return;
    const told = new Set(page.items.map(({ id }) => id));
    for (const command of this.items.peek()) {
      // One that the hub does not know any more stays as it was last seen.
      if (!told.has(command.id) && isUnderWay(command)) {
        void this.#source
          .one(command.id)
          .then((now) => this.put([now]))
          .catch(() => {});
      }
    }
  }

  /** Asks for older ones. */
  async next(): Promise<void> {
    if (this.#cursor !== null) await this.#ask(this.#cursor);
  }

  /** Takes commands in; of each the later telling stays. */
  put(commands: readonly CommandView[]): void {
    const byId = new Map(this.items.peek().map((command) => [command.id, command]));
    for (const command of commands) {
      const known = byId.get(command.id);
      byId.set(command.id, known ? later(command, known) : command);
    }
    // Ids are ULIDs: they sort by age.
    const sorted = [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    this.items.value = sorted.slice(0, MOST);
    if (sorted.length > MOST) {
      this.#cursor = null;
      this.more.value = false;
    }
  }

  async #ask(cursor?: string): Promise<Page<CommandView> | undefined> {
    this.state.value = 'loading';
    try {
      const page = await this.#source.list(cursor);
      const isFirst = this.#cursor === null && !this.more.peek();
      if (cursor !== undefined || isFirst) {
        this.#cursor = page.next;
        this.more.value = page.next !== null;
      }
      this.put(page.items);
      this.state.value = 'ready';
      return page;
    } catch (error) {
      this.reason.value = error instanceof Error ? error.message : String(error);
      this.state.value = 'failed';
      return undefined;
    }
  }

  #hear(message: LiveMessage): void {
    if (message.type !== 'command') return;
    const command = message.command as unknown as CommandView;
    if (this.#devices !== '*' && !this.#devices.includes(command.device)) return;
    const oldest = this.items.peek().at(-1);
    // An older one than those loaded would stand beside a hole; it comes with its page.
    if (this.more.peek() && oldest && command.id < oldest.id) return;
    this.put([command]);
  }
}
