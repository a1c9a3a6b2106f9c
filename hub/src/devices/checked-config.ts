import type { Profile, Value } from '@fieldline/protocol';
import { faultOf, type GivenParams } from '../commands/params.js';
import { FieldlineError } from '../errors.js';

/**
 * Checks a configuration against the profile: only keys that it names, of their types; defaults are filled in. A device
 * without a profile takes any.
 * @throws FieldlineError 422 `bad_config`: it names every key that is wrong
 */
export function checkedConfig(
  profile: Profile | undefined,
  given: GivenParams,
): Readonly<Record<string, Value | null>> {
  const faults: string[] = [];
  const checked: [string, Value | null][] = [];
  for (const [key, value] of Object.entries(given)) {
    const described = profile?.config.get(key);
    if (profile !== undefined && described === undefined)
      faults.push(`${key}: ${profile.name} has no such key`);
    else if (value === null) checked.push([key, null]);
    else {
      const fault = described === undefined ? plainFault(value) : faultOf(described, value);
      if (fault === null) checked.push([key, value as Value]);
      else faults.push(`${key}: ${fault}`);
    }
  }
  for (const [key, { required, default: fallback }] of profile?.config ?? []) {
    if (Object.hasOwn(given, key)) continue;
    if (fallback !== null) checked.push([key, fallback]);
    else if (required) faults.push(`${key}: needed`);
  }
  if (faults.length > 0) throw new FieldlineError('bad_config', faults.join('; '), { status: 422 });
  return Object.fromEntries(checked);
}

function plainFault(value: unknown): string | null {
  const isValue = typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value);
  return isValue ? null : 'a number, true, false or a text expected';
}
