import type { CommandState, Verification } from '@fieldline/protocol';
import { hasEnded } from '../commands/command.js';
import type { JobRequest } from './job.js';

/** What a command of a job is known to be. */
export interface Known {
  readonly state: CommandState;
  readonly verification: Verification | null;
}

/** How the devices of a running job fare, counted as their commands change. */
export class Progress {
  /** By command. */
  readonly #known = new Map<string, Known>();
  #underWay = 0;
  #ended: number;
  #failed: number;

  /** @param refused devices that could not be given their command */
  constructor(refused: number) {
    this.#ended = refused;
    this.#failed = refused;
  }

  /** A command was given, or has changed. */
  note(command: string, { state, verification }: Known): void {
    const before = this.#known.get(command);
    if (before !== undefined) this.#count(before, -1);
    const now = { state, verification };
    this.#known.set(command, now);
    this.#count(now, 1);
  }

  /** A device could not be given its command. */
  refused(): void {
    this.#ended++;
    this.#failed++;
  }

  /** Whether no command that was given is under way. */
  get isQuiet(): boolean {
    return this.#underWay === 0;
  }

  /** Commands that were not sent yet. */
  queued(): string[] {
    return [...this.#known].flatMap(([command, { state }]) => (state === 'queued' ? [command] : []));
  }

  /** Why the job has to give up; null while it may go on. */
  giveUp({ abortAfterFailures }: JobRequest): string | null {
    if (abortAfterFailures === null) return null;
    const { percent, minimum } = abortAfterFailures;
    if (this.#ended < minimum || this.#failed * 100 < percent * this.#ended || this.#failed === 0)
      return null;
    return `${this.#failed} of ${this.#ended} devices failed`;
  }

  #count(known: Known, by: 1 | -1): void {
    if (!hasEnded(known)) {
      this.#underWay += by;
      return;
    }
    this.#ended += by;
    // What telemetry contradicts has not been done, whatever the device says.
    if (known.state !== 'succeeded' || known.verification === 'contradicted') this.#failed += by;
  }
}
