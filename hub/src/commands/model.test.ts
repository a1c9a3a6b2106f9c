import type { Reading } from '@fieldline/journal';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Command, canBecome, hasEnded } from './command.js';
import { CommandBench, type NotingLink, OPERATOR } from './commands.fixture.js';

/** A device that does what the contract asks of it: it executes each id once, and remembers the last 16. */
class ModelDevice {
  readonly executed: string[] = [];
  link: NotingLink | null = null;
  boot = 1;
  #seen = 0;
  #memory: string[] = [];
  #owed: { id: string; unknown: boolean }[] = [];

  /** Reads what was sent to it; frames that come over a connection that has ended are lost. */
  read(): void {
    const frames = this.link?.frames.slice(this.#seen) ?? [];
    this.#seen += frames.length;
    for (const { id, again } of frames) {
      const known = this.#memory.includes(id);
      if (!known && again !== true) {
        this.executed.push(id);
        this.#memory = [...this.#memory, id].slice(-16);
      }
      this.#owed.push({ id, unknown: !known && again === true });
    }
  }

  answer(bench: CommandBench, device: string): void {
    this.read();
    for (const { id, unknown } of this.#owed.splice(0)) {
      bench.commands.answered(device, {
        id,
        status: unknown ? 'error' : 'ok',
        ...(unknown ? { code: 'unknown_id' } : {}),
      });
    }
  }

  /** Says of all that it has to answer that it works on it. */
  accept(bench: CommandBench, device: string): void {
    this.read();
    for (const { id, unknown } of this.#owed)
      if (!unknown) bench.commands.answered(device, { id, status: 'accepted' });
  }

  /** A newer connection replaces the one that is there; what that one has not read is lost with it. */
  takeOver(bench: CommandBench, device: string): void {
    const older = this.link;
    if (older !== null) bench.commands.gone(device, older, true);
    this.connect(bench, device);
  }

  connect(bench: CommandBench, device: string): void {
    this.link = bench.connect(device, { boot: `b${this.boot}` });
    this.#seen = 0;
    this.#owed = [];
  }

  disconnect(bench: CommandBench, device: string): void {
    if (this.link !== null) bench.commands.gone(device, this.link);
    this.drop();
  }

  /** The connection breaks, and nobody has told the hub yet. */
  drop(): void {
    this.link = null;
    this.#seen = 0;
    this.#owed = [];
  }

  restart(): void {
    this.boot++;
    this.#memory = [];
    this.drop();
  }
}

const DEVICES = ['r1', 'r2'];
/** `within` of relay.set. */
const WITHIN_MS = 3_000;
const STEP_MS = 500;
/** A change that could not be written is tried again each second. */
const OWED_AFTER_MS = 1_500;
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant('give' as const), device: fc.nat(1), queue: fc.boolean() },
      wanted: fc.constantFrom(
        { name: 'identify' },
        { name: 'relay.set', params: { on: true } },
        { name: 'relay.set', params: { on: false } },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('show' as const), device: fc.nat(1), relay: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), device: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), device: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('connect' as const), device: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disconnect' as const), device: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), device: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reboot' as const), device: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('accept' as const), device: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeover' as const), device: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disk' as const), isFull: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 900, 4_000, 11_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('any history of commands, with crashes between any two steps', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('executes none twice, loses none, moves none backwards, and believes what telemetry shows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), async (steps) => {
        const bench = new CommandBench().open(DEVICES);
        try {
          const world = new World(bench);
          for (const one of steps) {
            await world.take(one);
            world.check();
          }
          await world.settle();
        } finally {
          bench.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

class World {
  readonly devices = [new ModelDevice(), new ModelDevice()];
  readonly given: string[] = [];
  readonly #seen = new Map<string, Command>();
  readonly #latest = new Map<string, Reading>();
  readonly #bench: CommandBench;
  #isFull = false;
  /** Until here a verdict that a full disk held back may still be owed. */
  #owesUntilMs = 0;
  /** Commands that must be verified by then. */
  readonly #owed = new Set<string>();
  #emptyDisk: () => void = () => undefined;

  constructor(bench: CommandBench) {
    this.#bench = bench;
    bench.restore = () => {
      for (const [device, reading] of this.#latest) bench.devices.get(device)?.take(reading, 1);
    };
  }

  async take(one: Step): Promise<void> {
    const bench = this.#bench;
    const at = 'device' in one ? one.device : 0;
    const id = DEVICES[at] as string;
    const device = this.devices[at] as ModelDevice;
    switch (one.kind) {
      case 'give':
        try {
          this.given.push(bench.commands.give(id, { ...one.wanted, queue: one.queue }, OPERATOR).id);
        } catch (error) {
          expect(error).toMatchObject({ status: this.#isFull ? expect.any(Number) : 409 });
        }
        break;
      case 'answer':
        device.answer(bench, id);
        break;
      case 'read':
        device.read();
        break;
      case 'show':
        this.#show(id, one.relay);
        break;
      case 'connect':
        device.connect(bench, id);
        break;
      case 'disconnect':
        device.disconnect(bench, id);
        break;
      case 'drop':
        device.drop();
        break;
      case 'accept':
        device.accept(bench, id);
        break;
      case 'takeover':
        device.takeOver(bench, id);
        break;
      case 'disk':
        this.#empty();
        if (one.isFull) this.#fill();
        break;
      case 'reboot':
        device.restart();
        break;
      case 'cancel': {
        const chosen = this.given[one.nth % Math.max(1, this.given.length)];
        if (chosen !== undefined && !this.#isFull && bench.commands.get(chosen).state === 'queued')
          bench.commands.cancel(chosen, OPERATOR);
        break;
      }
      case 'pass':
        for (let left = one.ms; left > 0; left -= STEP_MS) {
          const ms = Math.min(left, STEP_MS);
          bench.nowMs += ms;
          await vi.advanceTimersByTimeAsync(ms);
        }
        break;
      case 'crash':
        this.#empty();
        // What was held back in memory is gone: the latest readings decide anew.
        this.#owed.clear();
        bench.crash(DEVICES);
        for (const each of this.devices) each.drop();
        break;
    }
    await vi.advanceTimersByTimeAsync(0);
    await new Promise(setImmediate);
  }

  check(): void {
    if (!this.#isFull && this.#bench.nowMs >= this.#owesUntilMs) {
      for (const id of this.#owed) expect(this.#bench.commands.get(id).verification).toBe('verified');
      this.#owed.clear();
    }
    for (const id of this.given) {
      const command = this.#bench.store.get(id);
      if (command === undefined) throw new Error(`command ${id} is lost`);
      // That it said `accepted` again within a second is not written.
      expect({ ...this.#bench.commands.get(id), acceptedAt: null }).toEqual({ ...command, acceptedAt: null });
      const before = this.#seen.get(id)?.state ?? 'queued';
      if (before !== command.state) {
        // More than one step may lie between two looks.
        const isReachable = canBecome(before, command.state) || reachable(before).has(command.state);
        expect(isReachable, `${before} → ${command.state}`).toBe(true);
      }
      this.#seen.set(id, command);
    }
    for (const { executed } of this.devices) expect(new Set(executed).size).toBe(executed.length);
  }

  /** A reading comes, and whatever is watched and expects it is verified by it. */
  #show(device: string, relay: boolean): void {
    const bench = this.#bench;
    const expecting = this.given
      .map((id) => bench.commands.get(id))
      .filter((command) => command.device === device && command.params.on === relay)
      .filter((command) => isWatched(command, bench.nowMs));
    const reading = bench.reading({ relay }, device);
    this.#latest.set(device, reading);
    bench.devices.get(device)?.take(reading, 1);
    bench.commands.observe([reading]);
    if (this.#isFull) return;
    if (bench.nowMs < this.#owesUntilMs) {
      for (const { id } of expecting) this.#owed.add(id);
      return;
    }
    for (const { id, state } of expecting)
      expect(bench.commands.get(id).verification, `of one that is ${state}`).toBe('verified');
  }

  #fill(): void {
    this.#isFull = true;
    this.#emptyDisk = this.#bench.fillDisk();
  }

  #empty(): void {
    if (this.#isFull) this.#owesUntilMs = this.#bench.nowMs + OWED_AFTER_MS;
    this.#isFull = false;
    this.#emptyDisk();
  }

  /** With time, and a device that answers, everything comes to an end, and none of them to a false one. */
  async settle(): Promise<void> {
    this.#empty();
    for (let round = 0; round < 3; round++) {
      this.#bench.nowMs += 3_600_000;
      await vi.advanceTimersByTimeAsync(3_600_000);
      await new Promise(setImmediate);
    }
    this.check();
    for (const id of this.given) {
      const command = this.#bench.commands.get(id);
      expect(hasEnded(command)).toBe(true);
      expect(command.verification).not.toBe('pending');
      const executed = this.devices.some((device) => device.executed.includes(id));
      if (command.state === 'succeeded') expect(executed).toBe(true);
      if (command.state === 'expired' || command.state === 'cancelled') expect(executed).toBe(false);
      if (command.error?.code === 'unknown_id') expect(executed).toBe(false);
    }
  }
}

/** Whether telemetry decides on a command now: from `sentAt` until `within` after its end, however late that came. */
function isWatched({ name, state, sentAt, finishedAt }: Command, nowMs: number): boolean {
  if (name !== 'relay.set' || sentAt === null || nowMs <= sentAt) return false;
  if (state === 'sent' || state === 'accepted') return true;
  // What falls due within a step of time happens at its end.
  const isOpen = finishedAt !== null && nowMs < finishedAt + WITHIN_MS - STEP_MS;
  return isOpen && (state === 'succeeded' || state === 'timed_out');
}

function reachable(from: Command['state'], found = new Set<Command['state']>()): Set<Command['state']> {
  const all = [
    'sent',
    'accepted',
    'succeeded',
    'failed',
    'rejected',
    'expired',
    'timed_out',
    'cancelled',
  ] as const;
  for (const to of all) {
    if (!canBecome(from, to) || found.has(to)) continue;
    found.add(to);
    reachable(to, found);
  }
  return found;
}
