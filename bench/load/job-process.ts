import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

type Answer<Report> = { readonly report: Report } | { readonly error: string };

/** A load generator in a process of its own, so that it takes nothing from the hub's event loop. */
export class JobProcess<Job extends object, Report> {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  /** @param module what the process runs: a module that calls {@link answerJobs} */
  constructor(module: URL) {
    this.#child = fork(module, { serialization: 'advanced' });
    this.#ended = once(this.#child, 'exit').then(() => {
      throw new Error('the load generator ended');
    });
    // Heard by who waits for an answer; without a job under way it is no failure.
    this.#ended.catch(() => undefined);
  }

  /** Does one job; not to be called before the one before has resolved. */
  async perform(job: Job): Promise<Report> {
    const answered = once(this.#child, 'message');
    this.#child.send(job);
    const [answer]: Answer<Report>[] = await Promise.race([answered, this.#ended]);
    if (answer === undefined) throw new Error('the load generator did not answer');
    if ('error' in answer) throw new Error(answer.error);
    return answer.report;
  }

  /** Tells the process something that has no answer, also while it does a job. */
  tell(word: string): void {
    this.#child.send(word);
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/**
 * The other side: does the jobs that come over IPC, one at a time, and ends with its parent.
 * @param heard takes the words that have no answer
 */
export function answerJobs<Job extends object, Report>(
  perform: (job: Job) => Promise<Report>,
  heard: (word: string) => void = () => undefined,
): void {
  const answer = (message: Answer<Report>) => process.send?.(message);
  process.on('message', (message: Job | string) => {
    if (typeof message === 'string') return heard(message);
    perform(message).then(
      (report) => answer({ report }),
      (error: unknown) =>
        answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
