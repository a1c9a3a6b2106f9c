import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { HubProcess } from './hub-process.js';
import { MetricsText } from './metrics.js';

const SCRAPE_EVERY_MS = 5_000;

/** A viewer of all devices at the default period, as a page that is left open. */
export async function openViewer(hub: HubProcess): Promise<{ updates(): number; close(): void }> {
  const viewer = new WebSocket(`${hub.url.replace('http', 'ws')}/ws/v1/live`, {
    headers: { authorization: `Bearer ${hub.adminToken}` },
    perMessageDeflate: false,
  });
  let updates = 0;
  viewer.on('message', () => {
    updates += 1;
  });
  await once(viewer, 'open');
  viewer.send(JSON.stringify({ type: 'subscribe', id: 1, devices: '*', what: ['telemetry', 'status'] }));
  return { updates: () => updates, close: () => viewer.terminate() };
}

/** Reads the metrics every 5 s, as Prometheus would. */
export function startScraping(hub: HubProcess): { close(): void } {
  const timer = setInterval(() => {
    MetricsText.read(hub).catch((error: unknown) => {
      process.stderr.write(`metrics could not be read: ${String(error)}\n`);
    });
  }, SCRAPE_EVERY_MS);
  return { close: () => clearInterval(timer) };
}
