import type { ConfigProblem } from './config-error.js';
import { readValue } from './read-value.js';
import type { SettingValue } from './setting.js';
import { ENV_PREFIX, type NamedSetting, settings } from './settings.js';
import { suggest } from './suggest.js';

/** The environment, as `process.env` is. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Variables that are not settings: the command line's, the one that names the file, and that of `npm start`. */
const FOREIGN: ReadonlySet<string> = new Set([
  'FIELDLINE_URL',
  'FIELDLINE_API_TOKEN',
  'FIELDLINE_CONFIG',
  'FIELDLINE_DEMO',
]);
/** Those of the firmware bridge, which may be exported in the same shell. */
const BRIDGE_PREFIX = `${ENV_PREFIX}BRIDGE_`;

const byEnv: ReadonlyMap<string, NamedSetting> = new Map(
  [...settings.values()].map((named) => [named.env, named]),
);

/**
 * Settings found in the environment, by key. An empty variable counts as not set, because that is what
 * `${NAME:-}` in a compose file leaves behind.
 */
export function readEnv(env: Env, problems: ConfigProblem[]): Map<string, SettingValue> {
  const values = new Map<string, SettingValue>();
  for (const [name, raw] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || FOREIGN.has(name) || name.startsWith(BRIDGE_PREFIX)) continue;
    const named = byEnv.get(name);
    if (named === undefined) {
      problems.push(unknownVariable(name));
    } else if (raw !== undefined && raw !== '') {
      const read = readValue(named.setting, raw);
      if ('value' in read) values.set(named.key, read.value);
      else problems.push(badVariable(named, read.reason));
    }
  }
  return values;
}

function unknownVariable(name: string): ConfigProblem {
  const suggestion = suggest(name, [...byEnv.keys(), ...FOREIGN]);
  const problem = { key: name, where: name, reason: 'there is no such setting' };
  return suggestion === undefined ? problem : { ...problem, suggestion };
}

function badVariable({ key, env, setting }: NamedSetting, reason: string): ConfigProblem {
  return { key, where: env, reason, allowed: setting.allowed };
}
