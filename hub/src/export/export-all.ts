import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { CliError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type { HubClient } from '../cli/hub-client.js';

export interface ExportOptions {
  /** Where to; made where it is not there. */
  readonly out: string;
  readonly format: 'csv' | 'ndjson';
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Told of each file that is begun. */
  readonly onFile: (name: string) => void;
}

/** A file of an export. */
export interface ExportedFile {
  readonly name: string;
  /** What is in it. */
  readonly holds: string;
  /** How many lines, where it has one for each thing. */
  readonly count?: number;
}

/** Names of what lists come as: one JSON object a line. */
const LISTS = {
  'devices.ndjson': {
    holds: 'devices, as GET /api/v1/devices has them',
    list: (hub: HubClient) => hub.devices(),
  },
  'profiles.ndjson': { holds: 'profiles as the hub uses them', list: (hub: HubClient) => hub.profiles() },
  'users.ndjson': { holds: 'users, without their passwords', list: (hub: HubClient) => hub.users() },
  'api-tokens.ndjson': {
    holds: 'API tokens, without their secrets',
    list: (hub: HubClient) => hub.apiTokens(),
  },
  'claims.ndjson': { holds: 'claim keys, without their secrets', list: (hub: HubClient) => hub.claims() },
  'commands.ndjson': { holds: 'commands, and what became of them', list: (hub: HubClient) => hub.commands() },
  'jobs.ndjson': { holds: 'group jobs', list: (hub: HubClient) => hub.jobs() },
  'alarms.ndjson': { holds: 'alarms', list: (hub: HubClient) => hub.alarms() },
} as const;

/**
 * Writes everything that the hub has into files, over its API: what a backup keeps for another hub, this keeps for
 * everybody else. `export.json` comes last: a directory without it is not whole.
 * @throws CliError
 */
export async function exportAll(hub: HubClient, options: ExportOptions): Promise<readonly ExportedFile[]> {
  const out = resolve(options.out);
  await requireEmpty(out);
  const files: ExportedFile[] = [];
  const begin = async (name: string) => {
    options.signal.throwIfAborted();
    options.onFile(name);
    return createWriteStream(join(out, name), { flags: 'wx', mode: 0o600 });
  };

  const devices: string[] = [];
  for (const [name, { holds, list }] of Object.entries(LISTS)) {
    const file = await begin(name);
    let count = 0;
    for await (const item of list(hub) as AsyncIterable<{ readonly id?: string }>) {
      if (name === 'devices.ndjson' && item.id !== undefined) devices.push(item.id);
      if (!file.write(`${JSON.stringify(item)}\n`)) await once(file, 'drain');
      count++;
    }
    file.end();
    await once(file, 'close');
    files.push({ name, holds, count });
  }

  const download = async (name: string, path: string, holds: string) => {
    const body = await hub.download('GET', path, options.signal);
    await pipeline(Readable.fromWeb(body as ReadableStream<Uint8Array>), await begin(name));
    files.push({ name, holds });
  };
  await download('audit.ndjson', '/audit/export?format=ndjson', 'who did what, newest first');
  await mkdir(join(out, 'telemetry'), { mode: 0o700 });
  const { format, nowMs } = options;
  for (const device of devices) {
    // Readings of tomorrow are those of devices whose clock is ahead.
    const query = new URLSearchParams({ device, format, from: '0', to: String(nowMs + DAY_MS) });
    await download(
      `telemetry/${device}.${format}`,
      `/telemetry/export?${query}`,
      `every reading of ${device}`,
    );
  }
  const about = { hub: (await hub.system()).version, at: new Date(nowMs).toISOString(), files };
  const last = await begin('export.json');
  last.end(`${JSON.stringify(about, null, 2)}\n`);
  await once(last, 'close');
  return files;
}

const DAY_MS = 86_400_000;

async function requireEmpty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length === 0) return;
  throw new CliError(`${directory} is not empty.`, {
    exitCode: EXIT.usage,
    hint: 'An export is written into a directory of its own.',
  });
}
