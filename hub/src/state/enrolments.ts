import type { Page, PageQuery } from '@fieldline/protocol';
import { integer, optionalText, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

const STATES = ['pending', 'approved', 'rejected'] as const;

/** A device that came with a claim key. */
export interface Enrolment {
  readonly id: string;
  /** Id of the claim key. */
  readonly claim: string;
  readonly hardwareId: string | null;
  readonly name: string | null;
  readonly network: string;
  readonly address: string;
  /** Of the secret with which it asks whether it was approved. */
  readonly pollHash: string | null;
  readonly state: (typeof STATES)[number];
  /** Null before it was approved, and after that device was deleted. */
  readonly device: string | null;
  /** Id of the token that it got last. */
  readonly token: string | null;
  /** ms since 1970. */
  readonly createdAt: number;
}

const columns = {
  id: text('id'),
  claim: text('claim'),
  hardwareId: optionalText('hardware_id'),
  name: optionalText('name'),
  network: text('network'),
  address: text('address'),
  pollHash: optionalText('poll_hash'),
  state: word('state', STATES),
  device: optionalText('device'),
  token: optionalText('token'),
  createdAt: integer('created_at'),
};

/** Devices that came with a claim key, and what became of them. They go with their claim key. */
export class EnrolmentStore {
  readonly #insert: Change;
  readonly #update: Change;
  readonly #delete: Change;
  readonly #byId: Select<Enrolment>;
  readonly #byHardware: Select<Enrolment>;
  readonly #byPoll: Select<Enrolment>;
  readonly #pending: Select<Enrolment>;
  readonly #waiting: Select<{ readonly count: number }>;

  constructor(state: StateFile) {
    this.#insert = state.change(
      `INSERT INTO enrolments (id, claim, hardware_id, name, network, address, poll_hash, state, device, token,
         created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = state.change(
      'UPDATE enrolments SET poll_hash = ?, state = ?, device = ?, token = ? WHERE id = ?',
    );
    this.#delete = state.change('DELETE FROM enrolments WHERE id = ?');
    this.#byId = state.select(columns, 'FROM enrolments WHERE id = ?');
    this.#byHardware = state.select(columns, 'FROM enrolments WHERE claim = ? AND hardware_id = ?');
    this.#byPoll = state.select(columns, 'FROM enrolments WHERE poll_hash = ?');
    this.#pending = state.select(
      columns,
      `FROM enrolments WHERE state = 'pending' AND id > ? ORDER BY id LIMIT ?`,
    );
    this.#waiting = state.select({ count: integer('count(*)') }, `FROM enrolments WHERE state = 'pending'`);
  }

  insert(enrolment: Enrolment): void {
    const { id, claim, hardwareId, name, network, address, pollHash, state } = enrolment;
    const { device, token, createdAt } = enrolment;
    this.#insert.run(
      ...[id, claim, hardwareId, name, network, address, pollHash, state, device, token, createdAt],
    );
  }

  /** Writes what may change: poll secret, state, device and token. */
  update({ id, pollHash, state, device, token }: Enrolment): void {
    this.#update.run(pollHash, state, device, token, id);
  }

  delete(id: string): void {
    this.#delete.run(id);
  }

  get(id: string): Enrolment | undefined {
    return this.#byId.get(id);
  }

  ofHardware(claim: string, hardwareId: string): Enrolment | undefined {
    return this.#byHardware.get(claim, hardwareId);
  }

  ofPoll(pollHash: string): Enrolment | undefined {
    return this.#byPoll.get(pollHash);
  }

  /** Those that wait for an operator. */
  pending({ limit, cursor = '' }: PageQuery): Page<Enrolment> {
    const rows = this.#pending.all(cursor, limit + 1);
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** How many wait for an operator. */
  get waiting(): number {
    return this.#waiting.get()?.count ?? 0;
  }
}
