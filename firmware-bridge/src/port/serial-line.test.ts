import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { binding } from './binding.js';
import { SerialLine } from './serial-line.js';

type Open = Awaited<ReturnType<typeof binding.open>>;

/** One opening of a port that the test feeds. */
class Opening {
  isOpen = true;
  readonly written: string[] = [];
  #isPulled = false;
  readonly #reads: {
    buffer: Buffer;
    offset: number;
    resolve(read: object): void;
    reject(error: Error): void;
  }[] = [];

  read(buffer: Buffer, offset: number): Promise<object> {
    return new Promise((resolve, reject) => this.#reads.push({ buffer, offset, resolve, reject }));
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#isPulled) throw new Error('input/output error');
    this.written.push(bytes.toString());
  }

  async close(): Promise<void> {
    this.isOpen = false;
    for (const { reject } of this.#reads.splice(0)) {
      reject(Object.assign(new Error('closed'), { canceled: true }));
    }
  }

  say(text: string): void {
    const read = this.#reads.shift();
    read?.resolve({ buffer: read.buffer, bytesRead: read.buffer.write(text, read.offset) });
  }

  pull(): void {
    this.#isPulled = true;
    this.#reads.shift()?.reject(new Error('unplugged'));
  }
}

/** A serial port of the computer, plugged in or not. */
class Socket {
  isPlugged = true;
  tries = 0;
  readonly openings: Opening[] = [];

  async open(): Promise<Opening> {
    this.tries++;
    if (!this.isPlugged) throw new Error('No such file or directory');
    const opening = new Opening();
    this.openings.push(opening);
    return opening;
  }

  get readers(): number {
    return this.openings.filter(({ isOpen }) => isOpen).length;
  }

  get last(): Opening {
    return this.openings.at(-1) as Opening;
  }
}

let socket: Socket;
let line: SerialLine;
let events: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  socket = new Socket();
  events = [];
  line = new SerialLine({
    match: { path: 'COM3' },
    ...{ baud: 115_200, reset: false, delimiter: 10, maxFrameBytes: 16 },
    binding: { open: () => socket.open() as unknown as Promise<Open> } as unknown as typeof binding,
  });
  line.on('open', (path) => events.push(`open ${path}`));
  line.on('gone', (reason) => events.push(`gone: ${reason}`));
  line.on('frame', (frame) => events.push(frame.toString()));
  line.on('tooLong', () => events.push('too long'));
});
afterEach(async () => {
  await line.close();
  vi.useRealTimers();
});

/** Lets everything happen that needs no time. */
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    vi.advanceTimersByTime(50);
    await settle();
  }
}

describe('a serial port', () => {
  it('that is missing is waited for, at first often, and said to be so once', async () => {
    socket.isPlugged = false;
    line.open();
    await settle();
    await pass(300);
    expect(socket.tries).toBe(3);
    await pass(10_000);
    expect(socket.tries).toBeLessThan(16);
    expect(events).toEqual(['gone: No such file or directory']);
    expect([line.isOpen, line.path, line.write(Buffer.from('?')), line.unsent]).toEqual([
      false,
      null,
      false,
      1,
    ]);
    socket.isPlugged = true;
    await pass(1_000);
    expect(events.at(-1)).toBe('open COM3');
  });

  it('that is pulled is opened again, and half a line of before ends there', async () => {
    line.open();
    await settle();
    socket.last.say('a=1\nb=');
    await settle();
    socket.last.pull();
    await settle();
    expect(events).toEqual(['open COM3', 'a=1', 'gone: unplugged']);
    await pass(100);
    socket.last.say('2\nc=3\n');
    await settle();
    expect(events.slice(3)).toEqual(['open COM3', '2', 'c=3']);
    expect(line.isClear).toBe(true);
    expect(line.write(Buffer.from('?\n'))).toBe(true);
    expect(line.isClear).toBe(false);
    await expect.poll(() => line.isClear).toBe(true);
    await settle();
    expect(socket.openings.map(({ written }) => written)).toEqual([[], ['?\n']]);
  });

  it('has one reader and one timer, whatever is said of it and how often', async () => {
    line.open();
    for (let turn = 0; turn < 20; turn++) {
      await pass(1_000);
      expect(socket.readers).toBe(1);
      const { last } = socket;
      last.say('half a');
      await settle();
      last.pull();
      line.write(Buffer.from('?\n'));
      await settle();
      last.say(' line\n');
      await settle();
      expect(socket.readers).toBe(0);
    }
    expect(socket.tries).toBe(20);
    expect(events.filter((event) => event.startsWith('gone'))).toHaveLength(20);
    expect(events.filter((event) => event.includes('line'))).toEqual([]);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('that is gone as soon as it is opened is tried less and less often, until it speaks', async () => {
    line.open();
    for (let passed = 0; passed < 10_000; passed += 50) {
      await pass(50);
      if (socket.readers > 0) socket.last.pull();
      await settle();
    }
    expect(socket.tries).toBeLessThan(16);
    await pass(1_000);
    socket.last.say('a=1\n');
    await settle();
    socket.last.pull();
    await settle();
    const { tries } = socket;
    await pass(100);
    expect(socket.tries).toBe(tries + 1);
  });

  it('that is closed while it opens stays closed', async () => {
    line.open();
    await line.close();
    await pass(2_000);
    expect([socket.readers, events]).toEqual([0, []]);
  });

  it('drops what has no end', async () => {
    line.open();
    await settle();
    for (const text of ['x'.repeat(40), 'y'.repeat(40), '\nok=1\n']) {
      socket.last.say(text);
      await settle();
    }
    expect(events).toEqual(['open COM3', 'too long', 'ok=1']);
  });
});
