import { JobProcess } from '../load/job-process.js';
import type { Recording } from './recording.js';

/** What the stand-in is to be. */
export interface StandInJob {
  readonly recording: Recording;
  /** Readings a second, of all devices in turn. */
  readonly rate: number;
}

/** A server in a process of its own that looks like the recorded hub to a page, and costs next to nothing (stand-in.ts). */
export class StandIn extends JobProcess<StandInJob, { readonly url: string }> {
  constructor() {
    super(new URL('./stand-in.js', import.meta.url));
  }
}
