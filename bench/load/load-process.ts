import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Job, LoadAnswer, LoadReport } from './jobs.js';

/** A load generator in a process of its own, so that it takes nothing from the hub's event loop. */
export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor() {
    this.#child = fork(new URL('./generator.js', import.meta.url), { serialization: 'advanced' });
    this.#ended = once(this.#child, 'exit').then(() => {
      throw new Error('the load generator ended');
    });
    // Heard by who waits for an answer; without a job under way it is no failure.
    this.#ended.catch(() => undefined);
  }

  /** Does one job; not to be called before the one before has resolved. */
  async perform(job: Job): Promise<LoadReport> {
    const answered = once(this.#child, 'message');
    this.#child.send(job);
    const [answer]: LoadAnswer[] = await Promise.race([answered, this.#ended]);
    if (answer === undefined) throw new Error('the load generator did not answer');
    if ('error' in answer) throw new Error(answer.error);
    return answer.report;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
