import { readFileSync } from 'node:fs';
import type Type from 'typebox';
import { ConfigError, type ConfigProblem } from './config/config-error.js';
import { type Env, readEnv } from './config/read-env.js';
import { readYaml } from './config/read-yaml.js';
import type { configSchema } from './config/schema.js';
import type { SettingValue } from './config/setting.js';
import { settings } from './config/settings.js';

export { ConfigError, type ConfigProblem } from './config/config-error.js';
export { configMarkdown, describeConfig, type SettingDescription } from './config/describe.js';
export { configYaml, maskSecrets } from './config/mask-secrets.js';
export type { Env } from './config/read-env.js';

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** The effective configuration: every key is set, `null` where there is no value. Deeply frozen. */
export type Config = DeepReadonly<Type.Static<typeof configSchema>>;

/**
 * Reads the configuration: the defaults, then the YAML file, then the environment over both.
 * The file is `options.file`, else `FIELDLINE_CONFIG`, else none.
 * @param env `process.env`, or what a test wants instead of it
 * @throws ConfigError with everything that is wrong
 */
export function loadConfig(env: Env, options: { file?: string } = {}): Config {
  const problems: ConfigProblem[] = [];
  const file = options.file ?? (env.FIELDLINE_CONFIG || undefined);
  const fromFile = file === undefined ? new Map<string, SettingValue>() : readFile(file, problems);
  const fromEnv = readEnv(env, problems);
  const value = (key: string): SettingValue | undefined => fromEnv.get(key) ?? fromFile.get(key);
  if (problems.length === 0) checkTogether(value, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return assemble(value);
}

function readFile(file: string, problems: ConfigProblem[]): Map<string, SettingValue> {
  try {
    return readYaml(readFileSync(file, 'utf8'), file, problems);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push({ key: 'the configuration file', where: file, reason: `cannot be read: ${reason}` });
    return new Map();
  }
}

/** Settings that need another one. */
const TOGETHER = [
  ['tls.cert', 'tls.key'],
  ['tls.key', 'tls.cert'],
  ['tls.clientCa', 'tls.cert'],
  ['alarms.email.password', 'alarms.email.user'],
  ['alarms.email.host', 'alarms.email.to'],
] as const;

/** What only two settings together can get wrong. */
function checkTogether(value: (key: string) => SettingValue | undefined, problems: ConfigProblem[]): void {
  const effective = (key: string): number => Number(value(key) ?? settings.get(key)?.setting.default);
  for (const [key, needed] of TOGETHER) {
    if ((value(key) ?? null) === null || (value(needed) ?? null) !== null) continue;
    problems.push({ key, where: `without ${needed}`, reason: 'one is of no use without the other' });
  }
  if (effective('journal.maxBytes') < 2 * effective('journal.segmentBytes')) {
    problems.push({
      key: 'journal.maxBytes',
      where: 'with journal.segmentBytes',
      reason: 'the journal cannot hold two segments',
      allowed: 'at least twice journal.segmentBytes',
    });
  }
}

function assemble(value: (key: string) => SettingValue | undefined): Config {
  const root: Record<string, unknown> = {};
  for (const { key, path, setting } of settings.values()) {
    let place = root;
    for (const name of path.slice(0, -1)) {
      const next = (place[name] ?? {}) as Record<string, unknown>;
      place[name] = next;
      place = next;
    }
    place[path.at(-1) ?? key] = value(key) ?? setting.default;
  }
  // Its shape is the schema's by construction: every setting of the schema has just been put in its place.
  return deepFreeze(root) as Config;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
