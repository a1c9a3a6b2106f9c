import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { loadProfile, loadProfiles, type Profile } from '@fieldline/protocol';
import { CommanderError } from 'commander';
import pico from 'picocolors';
import { Fleet } from '../fleet.js';
import type { Summary } from '../tally.js';
import { type SimulatorOptions, simulatorCommand } from './options.js';
import { showProgress } from './progress.js';
import { report } from './report.js';

/** The process, as far as the simulator uses it. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';
/** How long the last acks are waited for. */
const FLUSH_MS = 5_000;

/** Runs the simulator to its end, and answers the exit code. */
export async function run(host: Host): Promise<number> {
  let exitCode = 0;
  const command = simulatorCommand(async (options) => {
    const summary = await simulate(options, host);
    exitCode = summary.acked === summary.sent ? 0 : 1;
  });
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => void host.stdout.write(text),
    writeErr: (text) => void host.stderr.write(text),
  });
  try {
    await command.parseAsync([...host.argv]);
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong; its exit code is 0 after --help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    host.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function simulate(options: SimulatorOptions, host: Host): Promise<Summary> {
  const { env, stdout, stderr } = host;
  const data = env.FIELDLINE_DATA || 'data';
  const profile = await profileOf(
    options.profile,
    options.profiles ?? (env.FIELDLINE_PROFILES || 'profiles'),
  );
  const tellsPeople = stderr.isTTY === true && options.json !== true;
  const fleet = new Fleet({
    url: (options.url ?? (env.FIELDLINE_URL || DEFAULT_URL)).replace(/\/+$/, ''),
    profile,
    devices: options.devices,
    prefix: options.prefix,
    seed: options.seed,
    rate: options.rate,
    shape: options.mode,
    batch: options.batch,
    encoding: options.cbor ? 'cbor' : 'json',
    tokenFile: options.tokens ?? join(data, 'sim-tokens.json'),
    apiToken: options.apiToken ?? (env.FIELDLINE_API_TOKEN || (await adminToken(data))),
    onRegistered: (done, total) => {
      if (tellsPeople) stderr.write(`\rregistering devices: ${done}/${total}${done === total ? '\n' : ''}`);
    },
  });
  const { stop, hurry } = stopSignals(host);
  await fleet.open();
  const style = tellsPeople ? 'line' : options.json && options.progress ? 'json' : 'none';
  const endProgress = showProgress(fleet, style, stderr);
  await untilEnd(options.duration, stop);
  const summary = await fleet.close(FLUSH_MS, hurry);
  endProgress();
  const colors = pico.createColors(stdout.isTTY === true && !env.NO_COLOR);
  const lines = options.json ? [JSON.stringify(summary)] : report(summary, colors);
  for (const line of lines) stdout.write(`${line}\n`);
  if (summary.errors.unauthorized !== undefined && !options.json) {
    stderr.write('The hub refused tokens of the token file. Remove the file to have new ones made.\n');
  }
  return summary;
}

/** A profile by its name, or from a file. */
async function profileOf(nameOrFile: string, directory: string): Promise<Profile> {
  if (/[/\\]|\.ya?ml$/.test(nameOrFile)) {
    return loadProfile(await readFile(nameOrFile, 'utf8'), nameOrFile);
  }
  const profiles = await loadProfiles(directory);
  const profile = profiles.get(nameOrFile);
  if (profile !== undefined) return profile;
  const known = [...profiles.keys()].join(', ') || 'none';
  throw new Error(`there is no profile ${nameOrFile} in ${directory}; there: ${known}`);
}

/** The hub's own admin token, where the simulator runs beside it. */
async function adminToken(data: string): Promise<string | undefined> {
  try {
    return (await readFile(join(data, 'admin-token'), 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The first signal ends the sending, the second one the waiting for the last acks. */
function stopSignals(host: Host): { stop: AbortSignal; hurry: AbortSignal } {
  const [stop, hurry] = [new AbortController(), new AbortController()];
  const interrupt = () => (stop.signal.aborted ? hurry : stop).abort();
  host.on('SIGINT', interrupt);
  host.on('SIGTERM', interrupt);
  return { stop: stop.signal, hurry: hurry.signal };
}

/** The longest wait that a timer takes; a run without an end is made of many. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

async function untilEnd(durationMs: number | undefined, stop: AbortSignal): Promise<void> {
  const endMs = performance.now() + (durationMs ?? Number.POSITIVE_INFINITY);
  while (!stop.aborted && performance.now() < endMs) {
    const leftMs = Math.min(endMs - performance.now(), LONGEST_WAIT_MS);
    await delay(leftMs, undefined, { signal: stop }).catch((error: unknown) => {
      if (!stop.aborted) throw error;
    });
  }
}
