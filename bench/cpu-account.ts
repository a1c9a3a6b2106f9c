import { cpuSeconds } from './process-stats.js';

/** CPU and messages of one process over several rounds. */
export class CpuAccount {
  #seconds = 0;
  #messages = 0;
  /** µs a message in the last round. */
  last = 0;

  /** @param round the load; resolves to its messages when what they caused is done, too */
  async add(pid: number, round: () => Promise<number>): Promise<void> {
    const before = await cpuSeconds(pid);
    const messages = await round();
    const seconds = (await cpuSeconds(pid)) - before;
    this.#seconds += seconds;
    this.#messages += messages;
    this.last = (seconds / messages) * 1e6;
  }

  get messages(): number {
    return this.#messages;
  }

  /** µs a message over all rounds. */
  get mean(): number {
    return (this.#seconds / this.#messages) * 1e6;
  }
}
