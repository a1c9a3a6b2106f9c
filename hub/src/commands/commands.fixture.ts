import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reading, Value } from '@fieldline/journal';
import { type Cap, loadProfile } from '@fieldline/protocol';
import { pino } from 'pino';
import { Devices } from '../devices/devices.js';
import { Registry } from '../devices/registry.js';
import { FieldlineError } from '../errors.js';
import { Audit } from '../state/audit.js';
import { CommandStore } from '../state/commands.js';
import { IdempotencyKeys } from '../state/idempotency-keys.js';
import { entriesOf } from '../state/state.fixture.js';
import { StateFile } from '../state/state-file.js';
import type { Command } from './command.js';
import { Commands } from './commands.js';
import { Ledger } from './ledger.js';
import type { CommandLink } from './link.js';

export const OPERATOR = { name: 'ada', address: '192.0.2.7' };

const PROFILE = `
profile: relay-board
metrics:
  relay: { type: boolean }
  level: { type: number }
commands:
  relay.set: { params: { on: { type: boolean, required: true } }, timeout: 5s, expect: { metric: relay, equals: $on, within: 3s } }
  level.set: { params: { to: { type: number, min: 0, max: 10, default: 5 } }, expect: { metric: level, equals: $to, tolerance: 0.5 } }
  identify: { params: { seconds: { type: integer, min: 1, max: 60, default: 10 }, color: { type: string, enum: [red, green] } } }
config:
  interval: { type: integer, min: 100 }
  mode: { type: string, enum: [eco, full], default: eco }
`;

/** A connection that notes what is sent. */
export class NotingLink implements CommandLink {
  readonly boot: string | null;
  readonly caps: ReadonlySet<Cap>;
  readonly rxMaxBytes: number;
  isOpen = true;
  readonly frames: { id: string; name: string; params: object; ttl: number; again?: boolean }[] = [];

  constructor({ boot = 'b1', caps = ['command'], rxMaxBytes = 1_024 }: Partial<LinkOptions> = {}) {
    this.boot = boot;
    this.caps = new Set(caps);
    this.rxMaxBytes = rxMaxBytes;
  }

  lengthOf(text: string): number {
    return Buffer.byteLength(text);
  }

  sendFrame(text: string): void {
    this.frames.push(JSON.parse(text));
  }
}

interface LinkOptions {
  readonly boot: string | null;
  readonly caps: readonly Cap[];
  readonly rxMaxBytes: number;
}

/** Commands over a real state file that can be closed without a warning and opened again. */
export class CommandBench {
  nowMs = Date.UTC(2026, 10, 20);
  readonly told: Command[] = [];
  /** Lines of the log. */
  readonly logged: string[] = [];
  /** Those who may give no commands any more. */
  readonly barred = new Set<string>();
  readonly givers = { isBarred: (giver: string) => this.barred.has(giver) };
  readonly #directory = mkdtempSync(join(tmpdir(), 'fieldline-commands-'));
  readonly #profiles = new Map([['relay-board', loadProfile(PROFILE, 'relay-board.yaml')]]);
  /** Gives the devices their latest values back, as snapshots.ts does. */
  restore = (): void => undefined;
  state!: StateFile;
  commands!: Commands;
  store!: CommandStore;
  audit!: Audit;
  ledger!: Ledger;
  keys!: IdempotencyKeys;
  devices!: Devices;
  registry!: Registry;

  open(devices: readonly string[] = ['r1']): this {
    const now = () => this.nowMs;
    this.state = StateFile.open(join(this.#directory, 'state.sqlite'));
    const registry = Registry.open(this.state, { now });
    this.registry = registry;
    for (const id of devices)
      if (registry.get(id) === undefined) registry.create({ id, profile: 'relay-board' });
    this.devices = new Devices({ registry, profiles: this.#profiles, types: [], now });
    this.devices.open();
    this.store = new CommandStore(this.state);
    this.audit = new Audit(this.state);
    const keys = new IdempotencyKeys(this.state);
    this.keys = keys;
    const ledger = new Ledger({ state: this.state, store: this.store, keys, audit: this.audit, now });
    this.ledger = ledger;
    ledger.onChange((command) => this.told.push(command));
    const log = pino({}, { write: (line) => void this.logged.push(line) });
    const { store, devices: known, givers } = this;
    this.commands = new Commands({ ledger, store, keys, devices: known, givers, log, now });
    this.restore();
    this.commands.open();
    return this;
  }

  /** As a kill would: nothing is said to anybody, and what is in the file is all there is. */
  crash(devices?: readonly string[]): void {
    this.commands.close();
    this.state.close();
    this.open(devices);
  }

  /** As a full disk would: nothing can be written, until the way back is called. */
  fillDisk(): () => void {
    const full = new FieldlineError('state_unwritable', 'the disk is full', { status: 503 });
    this.state.transaction = () => {
      throw full;
    };
    return () => void Reflect.deleteProperty(this.state, 'transaction');
  }

  connect(device = 'r1', options: Partial<LinkOptions> = {}): NotingLink {
    const link = new NotingLink(options);
    this.commands.welcomed(device, link);
    return link;
  }

  reading(values: Record<string, Value>, device = 'r1'): Reading {
    const time = this.nowMs * 1_000;
    return { device, boot: 'b1', seq: 1, time, receivedAt: time, values, flags: 0 };
  }

  /** Actions in the audit of a device, oldest first. */
  deeds(device = 'r1'): string[] {
    const items = entriesOf(this.audit, { subject: `device:${device}` });
    return items.map(({ action }) => action).reverse();
  }

  close(): void {
    this.commands.close();
    this.state.close();
    rmSync(this.#directory, { recursive: true });
  }
}
