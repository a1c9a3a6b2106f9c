import type { JobView, Page } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';

/** How often the hub is asked while a job is under way, and while none is. */
const EVERY_MS = { busy: 1_000, calm: 10_000 } as const;

/** Who knows the jobs: the hub. */
export interface JobSource {
  /** Newest first. */
  jobs(cursor?: string): Promise<Page<JobView>>;
}

/** The newest jobs, asked for again and again until closed: the live socket does not tell of jobs. */
export class JobWatch {
  readonly jobs = signal<readonly JobView[]>([]);
  readonly state = signal<'loading' | 'ready' | 'failed'>('loading');
  readonly reason = signal('');
  /** There are older ones to ask for. */
  readonly more = signal(false);
  readonly #source: JobSource;
  #older: readonly JobView[] = [];
  #cursor: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(source: JobSource) {
    this.#source = source;
  }

  open(): void {
    this.#isOpen = true;
    document.addEventListener('visibilitychange', this.#follow);
    void this.again();
  }

  close(): void {
    this.#isOpen = false;
    document.removeEventListener('visibilitychange', this.#follow);
    clearTimeout(this.#timer);
  }

  /** Asks for the newest at once. */
  async again(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const { items, next } = await this.#source.jobs();
      if (this.#older.length === 0) this.#cursor = next;
      this.#keep(items);
      this.state.value = 'ready';
    } catch (error) {
      this.reason.value = error instanceof Error ? error.message : String(error);
      this.state.value = 'failed';
    }
    if (!this.#isOpen || document.hidden) return;
    const isBusy = this.jobs.peek().some(isUnderWay);
    this.#timer = setTimeout(() => void this.again(), isBusy ? EVERY_MS.busy : EVERY_MS.calm);
  }

  /** Asks for older ones. */
  async next(): Promise<void> {
    if (this.#cursor === null) return;
    try {
      const { items, next } = await this.#source.jobs(this.#cursor);
      this.#older = [...this.#older, ...items];
      this.#cursor = next;
      this.#keep([]);
    } catch (error) {
      this.reason.value = error instanceof Error ? error.message : String(error);
      this.state.value = 'failed';
    }
  }

  /** Takes a job in as the hub has just told it. */
  put(job: JobView): void {
    this.#keep([job]);
    void this.again();
  }

  #keep(told: readonly JobView[]): void {
    const byId = new Map([...this.#older, ...this.jobs.peek(), ...told].map((job) => [job.id, job]));
    // Ids are ULIDs: they sort by age.
    this.jobs.value = [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    this.more.value = this.#cursor !== null;
  }

  readonly #follow = (): void => {
    clearTimeout(this.#timer);
    if (!document.hidden) void this.again();
  };
}

/** Whether something is still to come of it: a job ends with its last answer, and readings prove it afterwards. */
export const isUnderWay = ({ finishedAt, verifications }: JobView): boolean =>
  finishedAt === null || verifications.pending > 0;
