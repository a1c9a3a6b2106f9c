import {
  type CommandProfile,
  isCommandName,
  LIMITS,
  type ParamProfile,
  type Profile,
  utf8Length,
  type Value,
} from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';

/** Parameters as somebody gave them. */
export type GivenParams = Readonly<Record<string, unknown>>;
export type Params = Readonly<Record<string, Value | null>>;

/**
 * Checks a command against its device's profile, and fills in the defaults. A device without a profile takes any
 * command with any parameters; with one, only those that it names.
 * @throws FieldlineError 422 `unknown_command`, `bad_params`: it names every parameter that is wrong
 */
export function checkedParams(profile: Profile | undefined, name: string, given: GivenParams): Params {
  if (!isCommandName(name)) {
    throw new FieldlineError('unknown_command', `no command can be called ${name}`, { status: 422 });
  }
  if (profile === undefined) return plain(given);
  const described = profile.commands.get(name);
  if (described === undefined) {
    const known = [...profile.commands.keys()].join(', ') || 'none';
    const message = `the profile ${profile.name} has no command ${name}; it has ${known}`;
    throw new FieldlineError('unknown_command', message, { status: 422 });
  }
  return described_(described, given);
}

function described_(command: CommandProfile, given: GivenParams): Params {
  const faults = Object.keys(given)
    .filter((name) => !command.params.has(name))
    .map((name) => `${name}: ${command.name} has no such parameter`);
  const params: [string, Value | null][] = [];
  for (const [name, described] of command.params) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) {
      if (described.default !== null) params.push([name, described.default]);
      else if (described.required) faults.push(`${name}: needed`);
    } else {
      const fault = faultOf(described, value);
      if (fault === null) params.push([name, value as Value]);
      else faults.push(`${name}: ${fault}`);
    }
  }
  if (faults.length > 0) throw badParams(faults);
  return Object.fromEntries(params);
}

/** Without a profile only the shape counts: values, as in telemetry. */
function plain(given: GivenParams): Params {
  const faults = Object.entries(given).flatMap(([name, value]) => {
    const fault = value === null ? null : valueFault(value);
    return fault === null ? [] : [`${name}: ${fault}`];
  });
  if (faults.length > 0) throw badParams(faults);
  return given as Params;
}

/** Why a value will not do for a parameter, or for a key of a configuration; null when it will. */
export function faultOf(described: ParamProfile, value: unknown): string | null {
  const { type, integer, min, max, enum: allowed } = described;
  const fault = valueFault(value);
  if (fault !== null) return fault;
  if (typeof value !== type) return `${integer ? 'integer' : type} expected, got ${typeof value}`;
  if (integer && !Number.isInteger(value)) return 'integer expected, got a fraction';
  if (min !== null && (value as number) < min) return `at least ${min} expected`;
  if (max !== null && (value as number) > max) return `at most ${max} expected`;
  if (allowed !== null && !allowed.includes(value as Value)) return `one of ${allowed.join(', ')} expected`;
  return null;
}

function valueFault(value: unknown): string | null {
  switch (typeof value) {
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : 'a finite number expected';
    case 'string':
      return utf8Length(value) <= LIMITS.stringBytes && !value.includes('\0')
        ? null
        : `a text has at most ${LIMITS.stringBytes} bytes, and no NUL`;
    default:
      return 'a number, true, false or a text expected';
  }
}

function badParams(faults: readonly string[]): FieldlineError {
  return new FieldlineError('bad_params', faults.join('; '), { status: 422 });
}
