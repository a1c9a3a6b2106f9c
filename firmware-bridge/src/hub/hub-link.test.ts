import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Queue } from '../queue/queue.js';
import { UNKNOWN_BOARD } from './board-facts.js';
import { HubLink } from './hub-link.js';
import { hubWord } from './hub-word.js';

interface Sent {
  readonly type: string;
  readonly boot?: string;
  readonly seq: number;
  readonly values?: { readonly n: number };
}

/** A hub that does what `onHello` says, and keeps what it is sent. */
class Hub {
  readonly hellos: Sent[] = [];
  readonly received: Sent[] = [];
  socket: WebSocket | undefined;
  onHello: (hello: Sent, socket: WebSocket) => void = () => this.welcome();
  isOpen = true;
  readonly #server = new WebSocketServer({
    ...{ host: '127.0.0.1', port: 0 },
    verifyClient: (_: unknown, answer: (isLetIn: boolean, status?: number) => void) => {
      if (this.isOpen) answer(true);
      else answer(false, 401);
    },
  });

  async open(): Promise<string> {
    this.#server.on('connection', (socket) => {
      this.socket = socket;
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as Sent;
        if (message.type === 'telemetry') this.received.push(message);
        if (message.type !== 'hello') return;
        this.hellos.push(message);
        this.onHello(message, socket);
      });
    });
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  welcome(more: object = {}): void {
    const times = { time: 0, heartbeat: 20_000, reconnect: [1, 2] };
    const limits = { window: 256, maxFrame: 65_536 };
    this.send({ type: 'welcome', session: 's', ack: null, ...times, ...limits, ...more });
  }

  /** Everything that came is on its disk. */
  ack(): void {
    this.send({ type: 'ack', boot: this.hellos.at(-1)?.boot, seq: this.received.at(-1)?.seq });
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

let directory: string;
let hub: Hub;
let url: string;
let queue: Queue;
let link: HubLink;
const warn = vi.fn<(kind: string, message: string) => void>();

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-link-'));
  hub = new Hub();
  url = await hub.open();
  warn.mockClear();
  await open();
});
afterEach(async () => {
  await close();
  hub.close();
  rmSync(directory, { recursive: true });
});

async function open(changed: () => void = () => {}, lingerMs = 1): Promise<void> {
  queue = await Queue.open(join(directory, 'queue'), 'board', {
    ...{ maxBytes: 1024 * 1024, whenFull: 'refuse', warn: () => undefined },
  });
  link = new HubLink({
    ...{ url, profile: null, queue, warn, changed, lingerMs },
    onCommand: () => Promise.reject(new Error('none')),
    onConfig: () => Promise.reject(new Error('none')),
    uplink: { reconnect: { minMs: 1, maxMs: 2 } },
  });
}
async function close(): Promise<void> {
  await link.close();
  await queue.close();
}
const add = (n: number) => queue.add({ body: `{"values":{"n":${n}}}`, number: { boot: 'b', seq: n } });
const start = () => link.open({ device: 'd', token: 't' });
const ns = () => hub.received.map(({ values }) => values?.n);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

it('sends what waits and what comes, in order and once', async () => {
  await Promise.all(upTo(300).map(add));
  start();
  for (let n = 301; n <= 400; n++) {
    await add(n);
    hub.ack();
  }
  const acked = setInterval(() => hub.ack(), 5);
  await expect.poll(() => ns().length).toBe(400);
  expect(ns()).toEqual(upTo(400));
  await expect.poll(() => queue.stats.messages).toBe(0);
  clearInterval(acked);
  link.present({ caps: [] });
  await add(401);
  await expect.poll(() => ns().at(-1)).toBe(401);
  expect(ns()).toHaveLength(401);
});

it('sends what waits on the disk before what comes while that is read', async () => {
  await Promise.all(upTo(10).map(add));
  await close();
  let added: Promise<void> | undefined;
  await open(() => {
    if (link.state === 'online') added ??= add(11);
  });
  start();
  await expect.poll(() => ns().length).toBe(11);
  expect(ns()).toEqual(upTo(11));
  await added;
});

it('sends a message that comes in the very moment in which nothing more waits', async () => {
  start();
  const facts = { caps: [] };
  link.present(facts);
  await expect.poll(() => link.state).toBe('online');
  for (let ticks = 0; ticks < 40; ticks++) {
    const added = add(ticks + 1);
    for (let tick = 0; tick < ticks; tick++) await undefined;
    // It looks whether something waits.
    link.present(facts);
    await added;
    await expect.poll(() => ns().length).toBe(ticks + 1);
  }
});

it('says what to do where the token is refused, until it is not', async () => {
  hub.isOpen = false;
  await add(1);
  start();
  const told = ['unauthorized', expect.stringMatching(/token is not valid/)];
  await expect.poll(() => warn.mock.calls).toContainEqual(told);
  expect(warn.mock.calls.map(([kind]) => kind)).not.toContain('connection');
  expect(hubWord(link.stats)).toBe('refuses it (unauthorized)');
  hub.isOpen = true;
  await close();
  await open();
  start();
  await expect.poll(ns).toEqual([1]);
  expect(hubWord(link.stats)).toBe('online');
});

it('goes on under another boot where the hub knows more of this one, and does so after a restart, too', async () => {
  hub.onHello = ({ boot }, socket) => {
    if (boot !== hub.hellos[0]?.boot) return hub.welcome();
    hub.send({ type: 'error', code: 'boot_reused', message: 'it knows more', fatal: true });
    socket.close(4400);
  };
  await add(1);
  start();
  await expect.poll(ns).toEqual([1]);
  expect(warn).toHaveBeenCalledWith('boot reused', expect.stringContaining('old copy'));
  await close();
  await open();
  await add(2);
  start();
  await expect.poll(ns).toEqual([1, 1, 2]);
  const [first, second, third] = hub.hellos.map(({ boot }) => boot);
  expect([hub.hellos.length, second === first, third]).toEqual([3, false, second]);
  hub.ack();
  // A connection that begins anew has the new name, too.
  await expect.poll(() => queue.stats.messages).toBe(0);
  link.present({ caps: [], firmware: '2' });
  await expect.poll(() => hub.hellos.length).toBeGreaterThan(3);
  expect(hub.hellos.at(-1)?.boot).toBe(second);
});

describe('an old copy of the queue that has taken more than it lacks', () => {
  /** The hub has numbers up to 3 of the queue's boot, of which the copy knows one. */
  async function restore(): Promise<void> {
    await add(1);
    queue.met();
    await close();
    await open();
    await Promise.all([2, 3, 4, 5].map(add));
  }
  const goOn = (answer: (hello: Sent, socket: WebSocket) => void) => {
    hub.onHello = (hello, socket) => {
      if (hello.boot === hub.hellos[0]?.boot) answer(hello, socket);
      else hub.welcome();
    };
  };
  const asHubs = ({ seq }: Sent, socket: WebSocket) => {
    if (seq >= 3) return hub.welcome({ ack: 3 });
    hub.send({ type: 'error', code: 'boot_reused', message: 'it knows more', fatal: true });
    socket.close(4400);
  };

  it('loses nothing of it', async () => {
    goOn(asHubs);
    await restore();
    start();
    await expect.poll(ns).toEqual(upTo(5));
    expect(hub.hellos.map(({ seq }) => seq)[0]).toBe(1);
  });

  it('loses nothing of it though it is started again before it meets the hub', async () => {
    goOn(asHubs);
    await restore();
    await close();
    await open();
    start();
    await expect.poll(ns).toEqual(upTo(5));
  });

  it('believes no acknowledgement of what it has not sent', async () => {
    goOn(() => hub.welcome({ ack: 3 }));
    await restore();
    start();
    await expect.poll(ns).toEqual(upTo(5));
    expect(warn).toHaveBeenCalledWith('boot reused', expect.stringContaining('old copy'));
  });

  it('says all that it has given once it has met the hub', async () => {
    start();
    await add(1);
    await expect.poll(ns).toEqual([1]);
    await close();
    await open();
    await add(2);
    start();
    await expect.poll(ns).toEqual([1, 1, 2]);
    link.present({ caps: [], firmware: '2' });
    await expect.poll(() => hub.hellos.length).toBeGreaterThan(2);
    expect(hub.hellos.at(-1)?.seq).toBe(2);
    expect(new Set(hub.hellos.map(({ boot }) => boot)).size).toBe(1);
  });
});

it('holds no connection open for a message that the hub will never take', async () => {
  hub.onHello = () => hub.welcome({ maxFrame: 256 });
  await add(1);
  await queue.add({ body: `{"values":{"note":"${'x'.repeat(300)}"}}` });
  start();
  await expect.poll(ns).toEqual([1]);
  hub.ack();
  await expect.poll(() => queue.stats.messages).toBe(0);
  expect(warn).toHaveBeenCalledWith('given up', expect.stringContaining('message 2'));
  expect(link.stats.givenUp).toBe(1);
  await expect.poll(() => link.state).toBe('idle');
});

describe('a board that has said no hello yet', () => {
  const words: string[] = [];
  beforeEach(async () => {
    words.length = 0;
    await close();
    await open(() => words.push(hubWord(link.stats)), 60_000);
    start();
    for (const n of [1, 2]) {
      await add(n);
      await expect.poll(ns).toEqual(upTo(n));
      hub.ack();
      await expect.poll(() => queue.stats.messages).toBe(0);
    }
  });

  it('has one connection, which stays when it turns out to say none', async () => {
    link.present(UNKNOWN_BOARD);
    await add(3);
    await expect.poll(ns).toEqual(upTo(3));
    expect(hub.hellos).toHaveLength(1);
    expect(words).toEqual(['online']);
  });

  it('is told of anew when it says more of itself', async () => {
    link.present({ ...UNKNOWN_BOARD, startedAt: 1 });
    await expect.poll(() => hub.hellos.length).toBe(2);
    await expect.poll(() => words).toEqual(['online', 'connecting', 'online']);
  });

  it('has no connection any more when it is gone and all is sent', async () => {
    link.present(UNKNOWN_BOARD);
    await add(3);
    await expect.poll(ns).toEqual(upTo(3));
    link.absent();
    expect(link.state).toBe('online');
    hub.ack();
    await expect.poll(() => words).toEqual(['online', 'nothing to send']);
    expect(hub.hellos).toHaveLength(1);
  });
});
