import type { ConfigProblem } from './config-error.js';
import type { Setting } from './setting.js';
import { BRIDGE_SETTINGS, PORT_SETTINGS, QUEUE_SETTINGS, type WrittenConfig } from './settings.js';

/** What stands on the command line, by the settings' names; texts as they were typed. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Variables that stand in for flags: secrets do not belong on a command line, which everybody on the machine can read. */
export const VARIABLES = {
  FIELDLINE_URL: 'url',
  FIELDLINE_BRIDGE_DATA: 'data',
  FIELDLINE_BRIDGE_TOKEN: 'token',
  FIELDLINE_BRIDGE_CLAIM_KEY: 'claimKey',
} as const;

/** The flag of a setting: `maxLineBytes` → `--max-line-bytes`; the port's path is `--port`. */
export function flagOf(name: string): string {
  if (name === 'path') return '--port';
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** One board as flags describe it, with a problem for each that will not do. */
export function readFlags(flags: Flags, env: NodeJS.ProcessEnv, problems: ConfigProblem[]): WrittenConfig {
  const take = (settings: Readonly<Record<string, Setting>>) => {
    const taken: Record<string, unknown> = {};
    for (const [name, setting] of Object.entries(settings)) {
      const [raw, where] = rawOf(name, flags, env);
      if (raw === undefined) continue;
      const value = setting.read(raw);
      if (value !== undefined) taken[name] = value;
      else {
        const subject = setting.secret ? 'the value' : JSON.stringify(raw);
        problems.push({ key: where, where, reason: `${subject} will not do`, allowed: setting.allowed });
      }
    }
    return taken;
  };
  const queue = take(QUEUE_SETTINGS);
  return { ...take(BRIDGE_SETTINGS), queue, ports: [{ ...take(PORT_SETTINGS), where: '--port', above: '' }] };
}

/** A flag comes before its variable. An empty variable counts as not set: `${NAME:-}` leaves one behind. */
function rawOf(name: string, flags: Flags, env: NodeJS.ProcessEnv): [raw: unknown, where: string] {
  if (flags[name] !== undefined) return [flags[name], flagOf(name)];
  const [variable] = Object.entries(VARIABLES).find(([, setting]) => setting === name) ?? [];
  // A secret that was given otherwise is not mixed with one that lies in the environment.
  const isGivenOtherwise =
    name in CREDENTIALS && Object.keys(CREDENTIALS).some((other) => flags[other] !== undefined);
  if (variable === undefined || isGivenOtherwise) return [undefined, ''];
  return [env[variable] || undefined, variable];
}

const CREDENTIALS = { token: true, tokenFile: true, claimKey: true, claimKeyFile: true };
