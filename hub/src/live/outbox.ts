import type { Counters } from '../ops/counters.js';
import { type Frame, lagFrame, updateFrame } from './frames.js';
import type { Interest } from './lane.js';
import type { LiveLimits } from './limits.js';
import type { Snapshot } from './snapshot.js';

/** The part of a WebSocket that an outbox needs. */
export interface Wire {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  send(frame: Frame, options: { binary: boolean }, written: (error?: Error | null) => void): void;
}

/** What a viewer has missed so far. */
interface Lag {
  /** ms since 1970. */
  readonly since: number;
  /** Updates and events that were not written when they were due … */
  withheld: number;
  /** … and those of them that were made good. */
  recovered: number;
}

/**
 * What goes out to one viewer. While its socket takes frames they are written at once. Once it holds more than
 * `behindBytes` unsent, nothing is queued any more: the outbox notes of which devices it owes something, and
 * since which commit, and of which devices the status changed. When the socket has drained to half, the latest
 * values of those are written, then a `lag` message. So a viewer that never reads holds a few words per
 * device, and no frame is built for it.
 */
export class Outbox {
  readonly #socket: Wire;
  readonly #counters: Counters;
  readonly #limits: LiveLimits;
  readonly #snapshots = new Map<number, Snapshot>();
  readonly #statuses = new Map<string, Frame>();
  #owed = new Map<Interest, number>();
  #lag: Lag | undefined;
  #overrunSinceMs: number | undefined;
  #hasMoved = false;

  constructor(socket: Wire, counters: Counters, limits: LiveLimits) {
    this.#socket = socket;
    this.#counters = counters;
    this.#limits = limits;
  }

  /** An answer to the viewer. One that asks without reading gets none beyond `overrunBytes`. */
  answer(frame: Frame): void {
    if (this.#socket.bufferedAmount <= this.#limits.overrunBytes) this.#write(frame);
  }

  /** `dirty` are the interests whose changes since commit `since` are the `rows` of the frame. */
  update(frame: Frame, rows: number, dirty: readonly Interest[], since: number): void {
    if (this.#flows()) {
      this.#write(frame);
      return;
    }
    this.#withhold(rows);
    for (const interest of dirty) this.owe(interest, since);
  }

  status(device: string, frame: Frame): void {
    if (this.#flows()) {
      this.#write(frame);
      return;
    }
    this.#withhold(1);
    this.#statuses.set(device, frame);
  }

  /** Something that has no latest state to be made good with: dropped when the viewer is behind. */
  event(frame: Frame): void {
    if (this.#flows()) this.#write(frame);
    else this.#withhold(1);
  }

  /** Replaces an unfinished one of the same subscription. */
  snapshot(snapshot: Snapshot): void {
    this.#snapshots.set(snapshot.id, snapshot);
    this.settle();
  }

  cancelSnapshot(id: number): void {
    this.#snapshots.delete(id);
  }

  /** Notes that the viewer has not got what came for an interest after commit `since`. */
  owe(interest: Interest, since: number): void {
    if (!this.#owed.has(interest)) this.#owed.set(interest, since);
  }

  /** Gives up the notes of what is owed, for the one who takes them over. */
  takeOwed(): ReadonlyMap<Interest, number> {
    const owed = this.#owed;
    this.#owed = new Map();
    return owed;
  }

  /** Writes what is due, as far as the socket takes it now. */
  settle(): void {
    while (this.#socket.bufferedAmount <= this.#limits.behindBytes) {
      const frame = this.#takeFrame();
      if (frame === undefined) {
        this.#caughtUp();
        return;
      }
      this.#write(frame);
    }
  }

  /** Whether the socket has held more than `overrunBytes` for `overrunMs`. To be asked every second or so. */
  isOverrun(nowMs: number): boolean {
    if (this.#socket.bufferedAmount <= this.#limits.overrunBytes) {
      this.#overrunSinceMs = undefined;
      return false;
    }
    this.#overrunSinceMs ??= nowMs;
    return nowMs - this.#overrunSinceMs >= this.#limits.overrunMs;
  }

  /**
   * Whether, since the last call, frames went out while others were waiting: the peer is slow then, but alive,
   * since room in a full connection comes from its acknowledgements only.
   */
  takeMoved(): boolean {
    const moved = this.#hasMoved;
    this.#hasMoved = false;
    return moved;
  }

  /** The viewer is gone: what it is owed is lost, and counted. */
  abandon(): void {
    if (this.#lag !== undefined) this.#counters.liveDropped += missed(this.#lag);
    this.#lag = undefined;
    this.#snapshots.clear();
    this.#statuses.clear();
    this.#owed.clear();
  }

  #flows(): boolean {
    return !this.#isWaiting() && this.#socket.bufferedAmount <= this.#limits.behindBytes;
  }

  #isWaiting(): boolean {
    return this.#lag !== undefined || this.#snapshots.size > 0 || this.#owed.size > 0;
  }

  #withhold(count: number): void {
    this.#lag ??= { since: Date.now(), withheld: 0, recovered: 0 };
    this.#lag.withheld += count;
  }

  #takeFrame(): Frame | undefined {
    return this.#takeSnapshot() ?? this.#takeStatus() ?? this.#takeOwedRows();
  }

  #takeSnapshot(): Frame | undefined {
    for (const snapshot of this.#snapshots.values()) {
      const frame = snapshot.takeFrame();
      if (snapshot.done) this.#snapshots.delete(snapshot.id);
      return frame;
    }
    return undefined;
  }

  #takeStatus(): Frame | undefined {
    for (const [device, frame] of this.#statuses) {
      this.#statuses.delete(device);
      if (this.#lag !== undefined) this.#lag.recovered += 1;
      return frame;
    }
    return undefined;
  }

  #takeOwedRows(): Frame | undefined {
    const rows: string[] = [];
    let size = 0;
    for (const [interest, since] of this.#owed) {
      if (size >= this.#limits.chunkBytes) break;
      this.#owed.delete(interest);
      for (const row of interest.track.rowsSince(since, interest.covers)) {
        rows.push(row);
        size += row.length;
      }
    }
    if (rows.length === 0) return undefined;
    if (this.#lag !== undefined) this.#lag.recovered += rows.length;
    return updateFrame(rows);
  }

  #caughtUp(): void {
    if (this.#lag === undefined) return;
    const lag = this.#lag;
    this.#lag = undefined;
    this.#counters.liveDropped += missed(lag);
    this.#write(lagFrame(missed(lag), lag.since));
  }

  #write(frame: Frame): void {
    this.#socket.send(frame, { binary: false }, this.#written);
  }

  /** Called for every frame that has left the process, or was lost with the connection. */
  readonly #written = (error?: Error | null): void => {
    if (error) return;
    if (this.#socket.bufferedAmount > 0) this.#hasMoved = true;
    if (!this.#isWaiting()) return;
    if (this.#socket.bufferedAmount <= this.#limits.behindBytes / 2) this.settle();
  };
}

function missed({ withheld, recovered }: Lag): number {
  return Math.max(0, withheld - recovered);
}
