import type { Entry, Reading, Value } from '@fieldline/journal';
import { loadProfile } from '@fieldline/protocol';
import { Devices } from '../devices/devices.js';
import { Registry } from '../devices/registry.js';
import { AlarmWatches } from '../state/alarm-watches.js';
import { AlarmStore } from '../state/alarms.js';
import { Audit } from '../state/audit.js';
import { StateFile } from '../state/state-file.js';
import type { AlarmChange, AlarmNews } from './alarm-change.js';
import { Alarms } from './alarms.js';
import type { AlarmJournal } from './journal-follower.js';
import { LeftOut } from './left-out.js';

const PROFILE = `
profile: room
interval: 10s
metrics:
  temperature: { type: number, unit: Cel, warn: { above: 6 }, alarm: { above: 8, hysteresis: 0.5, for: 5s } }
  door: { type: boolean, alarm: { equals: true } }
`;

export const START = 1_767_225_600_000;

/** A journal in memory. */
export class MemoryJournal implements AlarmJournal {
  readonly id: string;
  readonly entries: Entry[] = [];
  confirmed = 0;
  /** How often it was read. */
  reads = 0;

  constructor(id = 'a-journal') {
    this.id = id;
  }

  get head(): number {
    return this.entries.at(-1)?.last ?? 0;
  }

  append(readings: readonly Reading[]): Entry {
    const first = this.head + 1;
    const last = this.head + readings.length;
    const entry = { first, last, packed: new Uint8Array(), readings: () => readings };
    this.entries.push(entry);
    return entry;
  }

  attach(): number {
    return this.confirmed;
  }

  cursor(): number {
    return this.confirmed;
  }

  commit(_: string, offset: number): void {
    this.confirmed = offset;
  }

  async read(after: number): Promise<Entry[]> {
    this.reads++;
    return this.entries.filter(({ last }) => last > after).slice(0, 2);
  }

  stats() {
    return {
      ...{ bytes: 0, maxBytes: 1_000, segments: 1, head: this.head, damaged: 0, tornBytes: 0 },
      ...{ trouble: null, oldest: {}, skipped: {} },
    };
  }
}

/** Alarms of devices `a`, `b`, … over a real state file and a journal in memory. */
export class AlarmsBench {
  now = START;
  readonly told: AlarmChange[] = [];
  readonly owed: AlarmNews[] = [];
  journal = new MemoryJournal();
  readonly path: string;
  state!: StateFile;
  registry!: Registry;
  devices!: Devices;
  store!: AlarmStore;
  stored!: AlarmWatches;
  audit!: Audit;
  alarms!: Alarms;
  leftOut!: LeftOut;
  /** Thrown instead of making anything durable. */
  failure: Error | null = null;
  profile = PROFILE;

  constructor(directory: string) {
    this.path = `${directory}/state.sqlite`;
  }

  async open(): Promise<void> {
    const now = () => this.now;
    this.state = StateFile.open(this.path);
    this.registry = Registry.open(this.state, { now });
    const profiles = new Map([['room', loadProfile(this.profile, 'room.yaml')]]);
    this.devices = new Devices({ registry: this.registry, profiles, types: [], now });
    this.devices.open();
    const log = { warn: () => undefined, info: () => undefined };
    this.leftOut = new LeftOut(log, now);
    this.store = new AlarmStore(this.state, this.leftOut.row);
    this.stored = new AlarmWatches(this.state, this.leftOut.row);
    this.audit = new Audit(this.state);
    const { state, store, stored, audit, devices, journal, leftOut } = this;
    this.alarms = new Alarms({
      ...{ state, store, stored, audit, devices, journal, log, leftOut, now },
      retentionMs: 30 * 86_400_000,
      keep: 100,
      mostPending: 200,
      owe: (news) => {
        if (this.failure) throw this.failure;
        this.owed.push(...news);
      },
    });
    this.alarms.onChange((change) => this.told.push(change));
    await this.alarms.open();
  }

  add(...ids: string[]): void {
    for (const id of ids) this.registry.create({ id, profile: 'room' });
  }

  /** What becomes durable in one batch: `[device, s after the start, values, s late]`. */
  commit(...rows: (readonly [string, number, Record<string, Value>, number?])[]): void {
    const readings = rows.map(([device, s, values, late = 0]): Reading => {
      const time = (START + s * 1_000) * 1_000;
      return { device, boot: '', seq: 0, time, receivedAt: time + late * 1_000_000, values, flags: 0 };
    });
    const entry = this.journal.append(readings);
    for (const reading of readings) this.devices.get(reading.device)?.take(reading, entry.last);
    this.alarms.take(entry, readings);
  }

  /** Each alarm in short. */
  get all(): string[] {
    const { items } = this.alarms.list({}, { limit: 100 });
    const s = (at: number | null) => (at === null ? '…' : String((at - START) / 1_000));
    return items.map(({ device, metric, level, state, past, raisedAt, clearedAt }) => {
      return `${device} ${metric} ${level} ${past ? 'past ' : ''}${state} ${s(raisedAt)}–${s(clearedAt)}`;
    });
  }

  /** Resolves when all readings of the journal were judged; `tick` has the next second pass. */
  async caughtUp(tick: () => void): Promise<void> {
    while (this.alarms.isBehind) {
      tick();
      await new Promise(setImmediate);
    }
  }

  /** Ends as a kill does, and starts again: what was not durable is gone. */
  async kill(): Promise<void> {
    this.alarms.abandon();
    this.state.close();
    await this.open();
  }

  close(): void {
    this.alarms.close();
    this.state.close();
  }
}
