import type { BootState, Mark } from '../ingest/boot-state.js';
import type { Origin } from '../ingest/origin.js';
import type { AckSender } from './ack-queue.js';
import type { Device } from './device.js';
import { PAUSE } from './device-socket.js';
import { ackMessage, windowMessage } from './messages.js';
import type { SessionContext } from './session-context.js';
import type { Intake } from './session-intake.js';
import type { Output } from './session-output.js';

/**
 * The acks that a session owes its device, and the window that bounds them (protocol §1.2 "Ack", "Credit").
 * It is the origin of the session's numbered messages: told when they are on disk, it sends one ack for each
 * boot, as soon as the queue says so. A device with more unacked messages than its window is not read from.
 */
export class Acks implements Origin, AckSender {
  private readonly context: SessionContext;
  private readonly device: Device;
  private readonly output: Output;
  private readonly intake: Intake;
  /** Numbered messages that were received and whose ack has not gone out. */
  private unacked = 0;
  /** Those of them that are on disk. */
  private settledMessages = 0;
  /** Boots of which something is to be acked. */
  private due: BootState[] = [];
  /** The window that the device was last told; null before it said hello. */
  private toldWindow: number | null = null;
  private readonly drainWaiters: (() => void)[] = [];

  constructor(context: SessionContext, device: Device, output: Output, intake: Intake) {
    this.context = context;
    this.device = device;
    this.output = output;
    this.intake = intake;
  }

  /** One more message waits for its ack; beyond the window the device is not read from until acks are out. */
  owe(): void {
    this.unacked++;
    if (this.unacked > this.context.config.device.window) this.intake.hold(PAUSE.credit);
  }

  settled(mark: Mark): void {
    this.settledMessages += mark.messages;
    this.ackDue(mark.state);
    const current = this.device.session;
    if (current !== null && current.acks !== this && current.boot === mark.boot) {
      current.acks.ackDue(mark.state);
    }
    if (this.settledMessages >= this.unacked) for (const wake of this.drainWaiters.splice(0)) wake();
  }

  ackDue(state: BootState): void {
    if (!this.due.includes(state)) this.due.push(state);
    this.context.acks.schedule(this);
  }

  sendAcks(): void {
    const due = this.due;
    this.due = [];
    for (const state of due) {
      // A message that filled a gap is not on disk yet: no ack may pass it. Its own sync asks again.
      if (state.lateUnsynced > 0) state.askers.add(this);
      else if (state.durable !== null) this.output.sendAck(ackMessage(state.name, state.durable));
    }
    this.unacked -= this.settledMessages;
    this.settledMessages = 0;
    if (this.unacked <= this.context.config.device.window) this.intake.resume(PAUSE.credit);
  }

  /** Resolves when everything that was received is on disk, or after `timeoutMs`. */
  drained(timeoutMs: number): Promise<void> {
    if (this.settledMessages >= this.unacked) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.drainWaiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** The window for `welcome`, in messages. From now on the device is told of its changes. */
  firstWindow(): number {
    this.toldWindow = this.context.canWrite() ? this.context.config.device.window : 0;
    return this.toldWindow;
  }

  /** Tells the device how much it may send, if it was told otherwise: 0 asks it to hold back. */
  setWindow(window: number): void {
    if (this.toldWindow === null || this.toldWindow === window) return;
    this.toldWindow = window;
    this.output.send(windowMessage(window));
  }
}
