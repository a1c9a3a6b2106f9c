import { JOB_DEVICE_STATES, type JobDeviceState, type JobView } from '@fieldline/protocol';

/** A job whose devices are in these states. */
export function jobWith(
  counts: Partial<Record<JobDeviceState, number>>,
  verifications: Partial<JobView['verifications']> = {},
): JobView {
  return {
    id: '01JX0000000000000000000000',
    name: 'relay.set',
    params: { on: true },
    queue: false,
    ttl: null,
    perSecond: 5,
    abortAfterFailures: null,
    state: 'running',
    reason: null,
    createdAt: 0,
    finishedAt: null,
    devices: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts: {
      ...(Object.fromEntries(JOB_DEVICE_STATES.map((state) => [state, 0])) as Record<JobDeviceState, number>),
      ...counts,
    },
    verifications: { pending: 0, verified: 0, contradicted: 0, unverified: 0, ...verifications },
    by: 'mara',
  };
}
