import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { freePort } from '../free-port.js';
import { answerJobs } from '../load/job-process.js';
import type { Answer, Recording } from './recording.js';
import type { StandInJob } from './stand-in-job.js';

/** The process of the stand-in: it replays what a hub answered, and makes updates in the hub's own form. */

const UPDATE_EVERY_MS = 100;
/** A viewer that is this far behind misses updates, as with the hub. */
const MOST_BUFFERED_BYTES = 4_194_304;

type Value = number | boolean | string;
type Snapshot = { readonly devices: readonly { id: string; values: Record<string, [number, Value]> }[] };

answerJobs(serve);

async function serve({ recording, rate }: StandInJob): Promise<{ url: string }> {
  const server = createServer((request, response) => answer(recording, request, response));
  const viewers = new WebSocketServer({ server, perMessageDeflate: false });
  viewers.on('connection', (socket) =>
    socket.on('message', (data) => heard(recording, socket, String(data))),
  );
  const updates = new Updates(recording, rate);
  setInterval(() => {
    const update = updates.next();
    for (const socket of viewers.clients)
      if (socket.bufferedAmount < MOST_BUFFERED_BYTES) socket.send(update);
  }, UPDATE_EVERY_MS);
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${port}` };
}

function answer(recording: Recording, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '/';
  const known = recording.answers.get(path) ?? alike(recording, path);
  if (!known) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(known.status, {
    'content-type': known.contentType,
    ...(known.policy && { 'content-security-policy': known.policy }),
  });
  const isApi = path.startsWith('/api/');
  response.end(isApi ? movedOn(recording, Buffer.from(known.body).toString()) : known.body);
}

/** What the hub answered to the same question about another device or another time. */
function alike({ answers }: Recording, path: string): Answer | undefined {
  const [wanted = ''] = path.split('?');
  const shape = wanted.split('/');
  for (const [known, answer] of answers) {
    const parts = known.split('?')[0]?.split('/') ?? [];
    if (parts.length === shape.length && parts[3] === shape[3] && parts.at(-1) === shape.at(-1))
      return answer;
  }
  return undefined;
}

function heard(recording: Recording, socket: WebSocket, text: string): void {
  const { what }: { what?: readonly string[] } = JSON.parse(text);
  if (!what?.includes('telemetry')) return;
  for (const frame of recording.snapshot) socket.send(movedOn(recording, frame));
}

/** Every time, in ms since 1970, as much later as it is now: a fleet that was live when it was recorded is live. */
function movedOn({ atMs }: Recording, text: string): string {
  const byMs = Date.now() - atMs;
  return text.replace(/\b1\d{12}\b/g, (time) => String(Number(time) + byMs));
}

/** Readings of all devices in turn, each with the metrics that the snapshot shows and another value each time. */
class Updates {
  readonly #devices: Snapshot['devices'];
  readonly #rate: number;
  #made = 0;
  #due = 0;
  #beforeMs = performance.now();

  constructor({ snapshot }: Recording, rate: number) {
    this.#devices = snapshot.flatMap((frame) => (JSON.parse(frame) as Snapshot).devices);
    this.#rate = rate;
  }

  /** The update of all readings that are due by now. */
  next(): string {
    const nowMs = performance.now();
    this.#due += ((nowMs - this.#beforeMs) * this.#rate) / 1000;
    this.#beforeMs = nowMs;
    const readings = [];
    for (; this.#due >= 1; this.#due -= 1) {
      const device = this.#devices[this.#made++ % this.#devices.length];
      if (device) readings.push([device.id, Date.now(), this.#vary(device.values)]);
    }
    return JSON.stringify({ type: 'update', readings });
  }

  #vary(values: Record<string, [number, Value]>): Record<string, Value> {
    const part = 1 + ((this.#made * 7) % 100) / 1000;
    return Object.fromEntries(
      Object.entries(values).map(([metric, [, value]]) => [
        metric,
        typeof value === 'number' ? Number((value * part).toPrecision(3)) : value,
      ]),
    );
  }
}
