import type { JobDevices, Profile } from '@fieldline/protocol';
import { checkedParams, type GivenParams } from '../commands/params.js';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import type { JobEntry, Reason } from './job.js';

/** The devices of the hub. */
export interface KnownDevices {
  get(id: string): Device | undefined;
  all(): Iterable<Device>;
}

/** Most devices of one job. */
const MAX_DEVICES = 10_000;
/** How many of those that would refuse an answer names. */
const NAMED = 5;

/** What shall be done, and whether devices that cannot are left out. */
export interface JobTask {
  readonly name: string;
  readonly params: GivenParams;
  readonly skipUnable: boolean;
}

/**
 * The devices that are meant, each once, in order; those that cannot take the command are left out if that is wanted.
 * @throws FieldlineError 422 `no_devices`, `too_many_devices`; `devices_unable`, which names the first of them
 */
export function chooseDevices(known: KnownDevices, wanted: JobDevices, task: JobTask): JobEntry[] {
  const ids = 'length' in wanted ? [...new Set(wanted)] : matching(known, wanted);
  if (ids.length === 0) throw refusal('no_devices', 'no device matches');
  if (ids.length > MAX_DEVICES) {
    throw refusal('too_many_devices', `a job has at most ${MAX_DEVICES} devices; these are ${ids.length}`);
  }
  const check = checker(task);
  const entries = ids.map((device) => entryOf(device, check(known.get(device))));
  const unable = entries.filter(({ state }) => state === 'skipped');
  if (unable.length > 0 && (!task.skipUnable || unable.length === entries.length)) {
    const named = unable.slice(0, NAMED).map(({ device, code, message }) => `${device}: ${code}: ${message}`);
    const rest = unable.length > NAMED ? `; and ${unable.length - NAMED} more` : '';
    const text = `${unable.length} of ${entries.length} ${entries.length === 1 ? 'device' : 'devices'} would refuse: ${named.join('; ')}${rest}`;
    throw refusal('devices_unable', text);
  }
  return entries;
}

/** Those with all of these tags, and this profile. One that may not connect is not meant. */
function matching(
  known: KnownDevices,
  { tags = {}, profile }: Exclude<JobDevices, readonly unknown[]>,
): string[] {
  const pairs = Object.entries(tags);
  const ids: string[] = [];
  for (const { id, record } of known.all()) {
    if (record.disabled || (profile !== undefined && record.profile !== profile)) continue;
    if (pairs.every(([key, value]) => record.tags[key] === value)) ids.push(id);
  }
  return ids.sort();
}

/** Whether a device would take the command, by its profile: each profile is asked once. */
function checker({ name, params }: JobTask): (device: Device | undefined) => Reason | null {
  const verdicts = new Map<Profile | undefined, Reason | null>();
  return (device) => {
    if (device === undefined) return { code: 'not_found', message: 'there is no such device' };
    const { profile } = device;
    let verdict = verdicts.get(profile);
    if (verdict === undefined) {
      verdict = fault(() => checkedParams(profile, name, params));
      verdicts.set(profile, verdict);
    }
    return verdict;
  };
}

function fault(check: () => unknown): Reason | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof FieldlineError) return { code: error.code, message: error.message };
    throw error;
  }
}

function entryOf(device: string, reason: Reason | null): JobEntry {
  return reason === null ? { device, state: 'waiting' } : { device, state: 'skipped', ...reason };
}

function refusal(code: string, message: string): FieldlineError {
  return new FieldlineError(code, message, { status: 422 });
}
