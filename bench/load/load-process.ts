import { JobProcess } from './job-process.js';
import type { Job, LoadReport } from './jobs.js';

/** Devices that send telemetry (generator.ts). */
export class LoadProcess extends JobProcess<Job, LoadReport> {
  constructor() {
    super(new URL('./generator.js', import.meta.url));
  }

  /** Ends the sending that is under way before its time; its report follows as usual. */
  finish(): void {
    this.tell('finish');
  }
}
