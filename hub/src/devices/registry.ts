import {
  type DeviceChanges,
  isDeviceId,
  isMetricName,
  isProfileName,
  isText,
  type NewDevice,
} from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import { type Column, DamagedCell, flag, integer, json, optionalText, text } from '../state/column.js';
import type { Change } from '../state/connection.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';

/** A device as an operator registered it. */
export interface DeviceRecord {
  readonly id: string;
  readonly name: string | null;
  readonly profile: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** A disabled device may not connect, and nothing is taken from it. */
  readonly disabled: boolean;
  /** ms since 1970. */
  readonly createdAt: number;
}

/** What happened to a device; `device` is the record after it, or the last one of a deleted device. */
export interface DeviceChange {
  readonly kind: 'created' | 'updated' | 'deleted';
  readonly device: DeviceRecord;
}

export interface RegistryOptions {
  /** ms since 1970. */
  readonly now?: () => number;
  /** More devices than this are refused. */
  readonly maxDevices?: number;
}

const MAX_TAGS = 32;

const columns = {
  id: text('id'),
  name: optionalText('name'),
  profile: optionalText('profile'),
  tags: tags('tags'),
  disabled: flag('disabled'),
  createdAt: integer('created_at'),
};

/**
 * The devices that may connect. All of them are in memory, in step with the state file: asking costs nothing,
 * and a change is on disk before it is seen.
 */
export class Registry {
  readonly #state: StateFile;
  readonly #now: () => number;
  readonly #maxDevices: number;
  readonly #devices = new Map<string, DeviceRecord>();
  readonly #watchers = new Listeners<DeviceChange>();
  readonly #insert: Change;
  readonly #update: Change;
  readonly #delete: Change;
  /** Ids in order; null after a device was created or deleted, until somebody asks. */
  #ordered: readonly string[] | null = null;

  private constructor(state: StateFile, { now = Date.now, maxDevices = 100_000 }: RegistryOptions) {
    this.#state = state;
    this.#now = now;
    this.#maxDevices = maxDevices;
    this.#insert = state.change(
      'INSERT INTO devices (id, name, profile, tags, disabled, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#update = state.change(
      'UPDATE devices SET name = ?, profile = ?, tags = ?, disabled = ? WHERE id = ?',
    );
    this.#delete = state.change('DELETE FROM devices WHERE id = ?');
  }

  /** Reads all devices. */
  static open(state: StateFile, options: RegistryOptions = {}): Registry {
    const registry = new Registry(state, options);
    for (const row of state.select(columns, 'FROM devices ORDER BY id').all()) {
      registry.#devices.set(row.id, Object.freeze(row));
    }
    return registry;
  }

  get size(): number {
    return this.#devices.size;
  }

  get(id: string): DeviceRecord | undefined {
    return this.#devices.get(id);
  }

  has(id: string): boolean {
    return this.#devices.has(id);
  }

  /** All devices in order of their ids; only those behind `after` when it is given. */
  *all(after = ''): Generator<DeviceRecord> {
    this.#ordered ??= [...this.#devices.keys()].sort();
    const ids = this.#ordered;
    for (let i = firstBehind(ids, after); i < ids.length; i += 1) {
      const device = this.#devices.get(ids[i] ?? '');
      // It may have been deleted between two steps of the caller.
      if (device !== undefined) yield device;
    }
  }

  /**
   * @param also is done in the same transaction
   * @throws FieldlineError `device_exists` 409, `bad_device` 422, `too_many_devices` 409, and those of the state file
   */
  create(device: NewDevice, also = () => {}): DeviceRecord {
    if (!isDeviceId(device.id)) {
      throw bad('id', 'starts with a letter or digit and has up to 64 letters, digits, _ and -');
    }
    check(device);
    if (this.#devices.has(device.id)) {
      throw new FieldlineError('device_exists', `There is a device ${device.id} already.`, { status: 409 });
    }
    if (this.#devices.size >= this.#maxDevices) {
      const message = `The registry holds ${this.#maxDevices} devices, which is its limit.`;
      throw new FieldlineError('too_many_devices', message, { status: 409 });
    }
    const { id, name = null, profile = null, tags = {} } = device;
    const record = frozen({ id, name, profile, tags, disabled: false, createdAt: this.#now() });
    this.#state.transaction(() => {
      this.#insert.run(id, name, profile, JSON.stringify(tags), 0, record.createdAt);
      also();
    });
    this.#devices.set(id, record);
    this.#ordered = null;
    this.#watchers.tell({ kind: 'created', device: record });
    return record;
  }

  /**
   * Changes what is given: what is absent stays, null takes away, `tags` replaces all tags.
   * @param also is done in the same transaction
   * @throws FieldlineError `device_not_found` 404, `bad_device` 422, and those of the state file
   */
  update(id: string, patch: DeviceChanges, also = () => {}): DeviceRecord {
    const before = this.#existing(id);
    check(patch);
    const record = frozen({
      ...before,
      name: patch.name === undefined ? before.name : patch.name,
      profile: patch.profile === undefined ? before.profile : patch.profile,
      tags: patch.tags ?? before.tags,
      disabled: patch.disabled ?? before.disabled,
    });
    const { name, profile, tags, disabled } = record;
    this.#state.transaction(() => {
      this.#update.run(name, profile, JSON.stringify(tags), Number(disabled), id);
      also();
    });
    this.#devices.set(id, record);
    this.#watchers.tell({ kind: 'updated', device: record });
    return record;
  }

  /**
   * Forgets the device, its tokens, its quarantine, log, types and snapshot. Readings in the history stay.
   * @param also is done in the same transaction
   * @throws FieldlineError `device_not_found` 404, and those of the state file
   */
  delete(id: string, also = () => {}): void {
    const device = this.#existing(id);
    this.#state.transaction(() => {
      this.#delete.run(id);
      also();
    });
    this.#devices.delete(id);
    this.#ordered = null;
    this.#watchers.tell({ kind: 'deleted', device });
  }

  /** Tells `listener` of every change, after it is on disk; returns the way to stop. It must not throw. */
  watch(listener: (change: DeviceChange) => void): () => void {
    return this.#watchers.add(listener);
  }

  #existing(id: string): DeviceRecord {
    const device = this.#devices.get(id);
    if (device === undefined) {
      throw new FieldlineError('device_not_found', `There is no device ${id}.`, { status: 404 });
    }
    return device;
  }
}

/** Index of the first id greater than `after`. */
function firstBehind(ids: readonly string[], after: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? '') <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

function frozen(record: DeviceRecord): DeviceRecord {
  return Object.freeze({ ...record, tags: Object.freeze({ ...record.tags }) });
}

function check({ name, profile, tags }: DeviceChanges): void {
  if (typeof name === 'string' && !isText(name))
    throw bad('name', 'is a text of at most 128 bytes without NUL');
  if (typeof profile === 'string' && !isProfileName(profile))
    throw bad('profile', 'is the name of a profile');
  if (tags === undefined) return;
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) throw bad('tags', `has at most ${MAX_TAGS} entries`);
  for (const [tag, value] of entries) {
    if (!isTagName(tag)) throw bad(`tags.${tag}`, 'needs a name like that of a metric, other than device');
    if (!isText(value)) throw bad(`tags.${tag}`, 'is a text of at most 128 bytes without NUL');
  }
}

/** `device` is the tag that every series has already (protocol §6). */
function isTagName(tag: string): boolean {
  return isMetricName(tag) && tag !== 'device';
}

function bad(field: string, rule: string): FieldlineError {
  return new FieldlineError('bad_device', `${field} will not do: it ${rule}.`, { status: 422 });
}

function tags(sql: string): Column<Readonly<Record<string, string>>> {
  const { read } = json(sql);
  return {
    sql,
    read: (cell) => {
      const value = read(cell);
      if (typeof value !== 'object' || value === null) throw new DamagedCell('not an object');
      const entries = Object.entries(value).map(([tag, text]): [string, string] => [tag, String(text)]);
      return Object.freeze(Object.fromEntries(entries));
    },
  };
}
