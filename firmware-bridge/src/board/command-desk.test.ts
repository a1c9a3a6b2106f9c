import { type Command, ConfigUnanswered } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CobsCodec } from './cobs-codec.js';
import { CommandDesk } from './command-desk.js';
import { newCounts } from './counts.js';
import { LinesCodec } from './lines-codec.js';

let written: string[];
let takes: boolean;
let isClear: boolean;
let desk: CommandDesk;
const { commands: counts } = newCounts();

beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  takes = true;
  isClear = true;
  Object.assign(counts, newCounts().commands);
  desk = new CommandDesk(counts);
});
afterEach(() => {
  vi.useRealTimers();
});

function open(codec = new LinesCodec() as LinesCodec | CobsCodec, maxBytes = 256): void {
  desk.opened({
    codec,
    maxBytes: () => maxBytes,
    isClear: () => isClear,
    write: (bytes) => {
      if (takes) written.push(bytes.toString('latin1'));
      return takes;
    },
  });
}

const command = (id: string, more: Partial<Command> = {}): Command => ({
  type: 'command',
  id,
  name: 'blink',
  params: {},
  ...more,
});
const settled = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, vi.advanceTimersByTimeAsync(0).then(() => 'open')]);

describe('commands for a board', () => {
  it('go one at a time: the next one after the answer, or after ten seconds', async () => {
    open();
    const first = desk.command(command('a'), vi.fn());
    const second = desk.command(command('b'), vi.fn());
    void desk.command(command('c'), vi.fn());
    expect(written).toEqual(['!a blink\n']);
    desk.answered('a', { status: 'ok' });
    expect(await first).toEqual({ status: 'ok' });
    expect(written).toEqual(['!a blink\n', '!b blink\n']);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(written).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toEqual(['!a blink\n', '!b blink\n', '!c blink\n']);
    expect(await settled(second)).toBe('open');
    desk.answered('b', { status: 'error', code: 'stuck' });
    expect(await second).toEqual({ status: 'error', code: 'stuck' });
    expect(counts).toEqual({ written: 3, answered: 2, unanswered: 1, refused: 0 });
  });

  it('that are accepted free the line, and end later', async () => {
    open();
    const accept = vi.fn();
    const slow = desk.command(command('a'), accept);
    void desk.command(command('b'), vi.fn());
    desk.answered('a', 'accepted');
    expect(accept).toHaveBeenCalledOnce();
    expect(written).toHaveLength(2);
    desk.answered('a', { status: 'ok' });
    expect(await slow).toEqual({ status: 'ok' });
  });

  it.each([
    ['board_offline', () => {}, {}],
    ['too_large', () => open(new LinesCodec(), 8), {}],
    ['bad_params', () => open(), { params: { list: [1] } }],
  ] as const)('that cannot be written are refused: %s', async (code, prepare, more) => {
    prepare();
    expect(await desk.command(command('a', more), vi.fn())).toMatchObject({ status: 'rejected', code });
    expect(counts).toMatchObject({ written: 0, refused: 1 });
  });

  it('that waited too long, or are too many, are refused', async () => {
    open();
    void desk.command(command('a'), vi.fn());
    const late = desk.command(command('b', { ttl: 5_000 }), vi.fn());
    const others = Array.from({ length: 16 }, (_, n) => desk.command(command(`c${n}`), vi.fn()));
    expect(await others.at(-1)).toMatchObject({ status: 'rejected', code: 'busy' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await late).toMatchObject({ status: 'rejected', code: 'expired' });
  });

  it('wait a moment for what was written before, and are refused when the board takes nothing', async () => {
    open();
    isClear = false;
    void desk.command(command('a'), vi.fn());
    await vi.advanceTimersByTimeAsync(500);
    expect(written).toEqual([]);
    isClear = true;
    await vi.advanceTimersByTimeAsync(10);
    expect(written).toEqual(['!a blink\n']);
    desk.answered('a', { status: 'ok' });
    isClear = false;
    const refused = ['b', 'c'].map((id) => desk.command(command(id), vi.fn()));
    await vi.advanceTimersByTimeAsync(1_000);
    const offline = { status: 'rejected', code: 'board_offline' };
    expect(await Promise.all(refused)).toMatchObject([offline, offline]);
    // The next one waits for itself.
    void desk.command(command('d'), vi.fn());
    await vi.advanceTimersByTimeAsync(100);
    isClear = true;
    await vi.advanceTimersByTimeAsync(10);
    expect(written).toEqual(['!a blink\n', '!d blink\n']);
  });

  it('do not wait for the line beyond their time, nor beyond the cable', async () => {
    open();
    isClear = false;
    const late = desk.command(command('a', { ttl: 100 }), vi.fn());
    await vi.advanceTimersByTimeAsync(100);
    isClear = true;
    await vi.advanceTimersByTimeAsync(10);
    expect(await late).toMatchObject({ status: 'rejected', code: 'expired' });
    isClear = false;
    const waiting = desk.command(command('b'), vi.fn());
    desk.closed();
    expect(await waiting).toMatchObject({ status: 'rejected', code: 'board_offline' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(written).toEqual([]);
  });

  it('stay without an answer when the cable is pulled, and those that waited are refused', async () => {
    open();
    const sent = desk.command(command('a'), vi.fn());
    const waiting = desk.command(command('b'), vi.fn());
    desk.closed();
    expect(await waiting).toMatchObject({ status: 'rejected', code: 'board_offline' });
    open();
    expect(await settled(sent)).toBe('open');
    expect(written).toEqual(['!a blink\n']);
    desk.answered('a', { status: 'ok' });
    expect(await sent).toEqual({ status: 'ok' });
  });

  it('that a board does not remember stay unknown: it may have started anew after doing them', async () => {
    open(new CobsCodec());
    const lost = desk.command(command('a'), vi.fn());
    desk.closed();
    open(new CobsCodec());
    expect(written[1]).toContain('again');
    desk.answered('a', { status: 'error', code: 'unknown_id' });
    expect(await settled(lost)).toBe('open');
    // The line is free for the next one.
    void desk.command(command('b'), vi.fn());
    expect(written[2]).toContain('blink');
  });

  it('are asked for again where the board can be asked, and a refusal of that is no answer', async () => {
    open(new CobsCodec());
    const sent = desk.command(command('a'), vi.fn());
    desk.closed();
    takes = false;
    open(new CobsCodec());
    expect(await settled(sent)).toBe('open');
    desk.closed();
    takes = true;
    open(new CobsCodec());
    expect(written).toHaveLength(2);
    expect(written[1]).toContain('again');
    desk.answered('a', { status: 'ok' });
    expect(await sent).toEqual({ status: 'ok' });
  });

  it('that the hub repeats and nobody remembers are never executed', async () => {
    open();
    const again = desk.command(command('a', { again: true }), vi.fn());
    expect(await settled(again)).toBe('open');
    expect(written).toEqual([]);
  });
});

describe('configurations for a board', () => {
  it('are answered by their version', async () => {
    open();
    const applied = desk.config({ interval: 5 }, 7);
    expect(JSON.parse(written[0] ?? '')).toEqual({ type: 'config', version: 7, desired: { interval: 5 } });
    desk.answered('config 7', { status: 'ok', result: { interval: 5 } });
    expect(await applied).toEqual({ interval: 5 });
    const refused = desk.config({}, 8);
    desk.answered('config 8', { status: 'error', code: 'bad', message: 'no' });
    await expect(refused).rejects.toThrow('no');
  });

  it('are not known to be refused where the board did not answer, and a newer one goes then', async () => {
    open();
    const silent = desk.config({}, 7).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await settled(silent)).toBeInstanceOf(ConfigUnanswered);
    const gone = desk.config({}, 8).catch((error: unknown) => error);
    desk.closed();
    expect(await settled(gone)).toBeInstanceOf(ConfigUnanswered);
    await expect(desk.config({}, 9)).rejects.toBeInstanceOf(ConfigUnanswered);
  });

  it('wait for nothing where the port takes nothing, or too much waits for it', async () => {
    open();
    takes = false;
    await expect(desk.config({}, 7)).rejects.toBeInstanceOf(ConfigUnanswered);
    takes = true;
    for (let id = 0; id <= 16; id++) void desk.command(command(`c${id}`), vi.fn());
    await expect(desk.config({}, 8)).rejects.toBeInstanceOf(ConfigUnanswered);
  });

  it('are refused where the board has no room for them', async () => {
    open(new LinesCodec(), 8);
    const refused = await desk.config({ interval: 5 }, 7).catch((error: unknown) => error);
    expect(refused).not.toBeInstanceOf(ConfigUnanswered);
    expect(refused).toMatchObject({ message: expect.stringContaining('bytes') });
  });
});
