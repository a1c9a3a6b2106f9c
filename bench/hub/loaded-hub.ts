import type { Bench } from '../figure.js';
import { LoadProcess } from '../load/load-process.js';
import { type Credentials, registerDevices } from './devices.js';
import { HubProcess } from './hub-process.js';
import { openViewer, startScraping } from './watchers.js';

/** A running hub, and a load generator connected to it. */
export interface LoadedHub {
  readonly hub: HubProcess;
  readonly load: LoadProcess;
  readonly devices: readonly Credentials[];
  /** Ends it before the figure's end, where it shall not disturb what follows. */
  close(): Promise<void>;
}

/** The address of the device socket. */
export function deviceSocket(hub: HubProcess): string {
  return `${hub.url.replace('http', 'ws')}/ws/v1/device`;
}

export interface LoadedHubOptions {
  /** The data directory; a new one by default. */
  readonly data?: string;
  /** Viewers of all devices; 1 by default. */
  readonly viewers?: number;
  /** What the figure needs, beside what the command line of the benchmarks asks for. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a hub as in production: every device authenticated by its own token, viewers of all devices, the
 * metrics scraped every 5 s. Devices are registered over HTTP and connected; nothing is sent yet.
 */
export async function startLoadedHub(
  bench: Bench,
  count: number,
  { data, viewers = 1, flags = [], env = {} }: LoadedHubOptions = {},
): Promise<LoadedHub> {
  const hub = await HubProcess.start({
    data: data ?? (await bench.directory('data')),
    flags: [...flags, ...bench.hub.flags],
    env: { ...env, ...bench.hub.env },
  });
  bench.defer(() => hub.stop());
  const devices = await registerDevices(hub, count, { profile: 'env-sensor' });
  const watching = await Promise.all(Array.from({ length: viewers }, () => openViewer(hub)));
  const scraping = startScraping(hub);
  const load = new LoadProcess();
  const close = async () => {
    load.close();
    scraping.close();
    for (const viewer of watching) viewer.close();
    await hub.stop();
  };
  bench.defer(close);
  await load.perform({ do: 'connect', url: deviceSocket(hub), devices, hello: true });
  return { hub, load, devices, close };
}
