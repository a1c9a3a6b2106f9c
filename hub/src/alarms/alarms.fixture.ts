import type { Entry, Reading, Value } from '@fieldline/journal';
import { loadProfile } from '@fieldline/protocol';
import { Devices } from '../devices/devices.js';
import { Registry } from '../devices/registry.js';
import { AlarmStore } from '../state/alarms.js';
import { Audit } from '../state/audit.js';
import { StateFile } from '../state/state-file.js';
import type { AlarmChange } from './alarm-change.js';
import { type AlarmJournal, Alarms } from './alarms.js';

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
  readonly id = 'a-journal';
  readonly entries: Entry[] = [];
  confirmed = 0;

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
  readonly owed: AlarmChange[] = [];
  readonly journal = new MemoryJournal();
  readonly path: string;
  state!: StateFile;
  registry!: Registry;
  devices!: Devices;
  store!: AlarmStore;
  audit!: Audit;
  alarms!: Alarms;
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
    this.store = new AlarmStore(this.state);
    this.audit = new Audit(this.state);
    const { state, store, audit, devices, journal } = this;
    this.alarms = new Alarms({
      ...{ state, store, audit, devices, journal, now },
      log: { warn: () => undefined, info: () => undefined },
      retentionMs: 30 * 86_400_000,
      keep: 100,
      mostPending: 200,
      owe: (changes) => {
        if (this.failure) throw this.failure;
        this.owed.push(...changes);
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
