import type { RawFrame } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import type { LiveMessage } from '../live/messages.js';
import type { LiveSocket } from '../live/socket.js';

/** Frames that are kept; the oldest go first. */
export const MOST_FRAMES = 500;
/** The list is drawn anew at most this often, whatever a device sends. */
const DRAW_MS = 200;

/** One frame on the list. `n` counts up, so that a row keeps its identity. */
export type Frame = Omit<RawFrame, 'type'> & { readonly n: number };

/** What goes over a device's wire while somebody looks: the newest frames, newest first. */
export class RawFeed {
  readonly frames = signal<readonly Frame[]>([]);
  /** The list stands still; frames that come meanwhile are counted, and kept as far as there is room. */
  readonly paused = signal(false);
  /** Came while the list stood still. */
  readonly held = signal(0);
  readonly #socket: Pick<LiveSocket, 'subscribe'>;
  readonly #device: string;
  #waiting: Frame[] = [];
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: () => void = () => {};

  constructor(socket: Pick<LiveSocket, 'subscribe'>, device: string) {
    this.#socket = socket;
    this.#device = device;
  }

  open(): void {
    this.#stop = this.#socket.subscribe(
      { devices: [this.#device], what: ['raw'], minPeriod: 1_000 },
      (message) => this.#hear(message),
    );
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Lets the list stand still, or go on with what came meanwhile. */
  pause(): void {
    this.paused.value = !this.paused.value;
    if (!this.paused.value) this.#draw();
  }

  /** What is kept, oldest first, one JSON object a line. */
  lines(): string {
    return this.frames
      .peek()
      .toReversed()
      .map(
        ({ n: _, ...frame }) => `${JSON.stringify({ time: new Date(frame.at).toISOString(), ...frame })}\n`,
      )
      .join('');
  }

  #hear(message: LiveMessage): void {
    if (message.type !== 'raw' || message.device !== this.#device) return;
    const { type: _, ...frame } = message;
    this.#waiting.push({ ...frame, n: this.#count++ });
    if (this.#waiting.length > MOST_FRAMES) this.#waiting.shift();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.paused.peek()) this.held.value = this.#waiting.length;
      else this.#draw();
    }, DRAW_MS);
  }

  #draw(): void {
    const newest = this.#waiting.toReversed();
    this.#waiting = [];
    this.held.value = 0;
    if (newest.length > 0) this.frames.value = [...newest, ...this.frames.peek()].slice(0, MOST_FRAMES);
  }
}
