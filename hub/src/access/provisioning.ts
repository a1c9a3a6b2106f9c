import { randomBytes } from 'node:crypto';
import type { ProvisionPoll, ProvisionRequest } from '@fieldline/protocol';
import type { Actor } from '../commands/ledger.js';
import type { Registry } from '../devices/registry.js';
import { FieldlineError } from '../errors.js';
import { type Audit, auditName, type Deed } from '../state/audit.js';
import type { Enrolment, EnrolmentStore } from '../state/enrolments.js';
import type { StateFile } from '../state/state-file.js';
import type { AttemptLimiter } from './attempt-limiter.js';
import type { ClaimRecord, Claims } from './claims.js';
import type { DeviceTokens } from './device-tokens.js';
import { networkOf } from './network.js';
import type { RepeatedDeeds } from './repeated-deeds.js';
import { hashOf, newId, newSecret } from './secret.js';

/** What a device is told that asks to be let in. */
export type Provisioned =
  | { readonly state: 'ready'; readonly id: string; readonly token: string; readonly profile: string }
  /** `poll` is there when it is new. */
  | { readonly state: 'pending'; readonly poll?: string };

export interface ProvisioningParts {
  readonly state: Pick<StateFile, 'transaction'>;
  readonly claims: Claims;
  readonly enrolments: EnrolmentStore;
  readonly registry: Registry;
  readonly deviceTokens: DeviceTokens;
  readonly audit: Pick<Audit, 'add'>;
  /** Refusals and repetitions, which anybody can make many of. */
  readonly repeated: RepeatedDeeds;
  /** Of its own: guessed claim keys, and exchanges that are made again. */
  readonly attempts: AttemptLimiter;
  readonly now?: () => number;
}

const MAX_PENDING = 1_000;
const MAX_ID_LENGTH = 64;
const POLL_PREFIX = 'flp_';

/**
 * How devices register themselves: a claim key is exchanged for an id and a token, at once or when an operator
 * has approved.
 *
 * An answer may be lost on its way. So the same hardware gets a fresh token in place of one that was never used,
 * but none once its token was used, unless the claim key says `renew`: who knows the key and the hardware id (a
 * MAC address is no secret) could take the device over. A token that was revoked, or a device that was deleted
 * or disabled, is never replaced.
 */
export class Provisioning {
  readonly #parts: ProvisioningParts;

  constructor(parts: ProvisioningParts) {
    this.#parts = parts;
  }

  /**
   * A new device asks to be let in, or whether it was let in meanwhile.
   * @param address the device's IP address
   * @throws FieldlineError 401 `bad_claim`, 403 `claim_expired`, `claim_rejected`, 409 `claim_used_up`,
   * `already_claimed`, 429 `too_many_attempts`, `too_many_pending`
   */
  request(asked: ProvisionRequest | ProvisionPoll, address: string): Provisioned {
    const retryAfterMs = this.#parts.attempts.waitMs(address);
    if (retryAfterMs > 0) {
      const message = 'Too many failed or repeated attempts of this address.';
      throw new FieldlineError('too_many_attempts', message, { status: 429, retryAfterMs });
    }
    try {
      return 'poll' in asked ? this.#poll(asked.poll, address) : this.#exchange(asked, address);
    } catch (error) {
      if (error instanceof FieldlineError && error.status < 500) this.#refused(asked, address, error);
      throw error;
    }
  }

  /**
   * Lets a device in.
   * @throws FieldlineError `not_found` 404, `not_pending` 409, those of the registry
   */
  approve(id: string, actor: Actor): Enrolment {
    const enrolment = this.#pending(id);
    const claim = this.#claimOf(enrolment);
    const { enrolments, registry, deviceTokens } = this.#parts;
    const device = enrolment.device ?? this.#freeId(claim, enrolment.hardwareId);
    const approved: Enrolment = { ...enrolment, state: 'approved', device, token: null };
    const note = () => {
      enrolments.update(approved);
      this.#note(actor, 'claim.approved', `device:${device}`, enrolment);
    };
    if (enrolment.device === null) registry.create(newDevice(device, claim, enrolment.name), note);
    else this.#together(note);
    // It has come again: whatever it had is in nobody's hands, or in the wrong ones.
    if (enrolment.token !== null && this.#hasToken(device, enrolment.token)) {
      deviceTokens.revoke(device, enrolment.token);
    }
    return approved;
  }

  /** Turns a device away. @throws FieldlineError `not_found` 404, `not_pending` 409 */
  reject(id: string, actor: Actor): void {
    const enrolment = this.#pending(id);
    const { enrolments, claims } = this.#parts;
    const note = () => {
      enrolments.update({ ...enrolment, state: 'rejected' });
      this.#note(actor, 'claim.rejected', `claim:${enrolment.claim}`, enrolment);
    };
    // The device that was let in once counts on.
    if (enrolment.device === null) claims.count(enrolment.claim, -1, note);
    else this.#together(note);
  }

  #exchange(asked: ProvisionRequest, address: string): Provisioned {
    const { claim: key } = asked;
    const [hardwareId, name] = [asked.hardwareId ?? null, asked.name ?? null];
    const { claims, enrolments } = this.#parts;
    const claim = claims.find(key);
    if (claim === undefined) throw refusal(401, 'bad_claim', 'This claim key is not known here.');
    if (claim.expiresAt <= this.#now()) throw refusal(403, 'claim_expired', 'This claim key has expired.');
    const before = hardwareId === null ? undefined : enrolments.ofHardware(claim.id, hardwareId);
    if (before !== undefined) return this.#again(claim, before, address);
    if (claim.used >= claim.limit) {
      throw refusal(409, 'claim_used_up', 'As many devices as this claim key is for have come already.');
    }
    const enrolment: Enrolment = {
      ...{ id: newId(), claim: claim.id, hardwareId, name, network: networkOf(address), address },
      ...{ pollHash: null, state: 'pending', device: null, token: null, createdAt: this.#now() },
    };
    return claim.approval ? this.#wait(claim, enrolment) : this.#letIn(claim, enrolment);
  }

  /** The same hardware with the same key. */
  #again(claim: ClaimRecord, before: Enrolment, address: string): Provisioned {
    this.#parts.attempts.failed(address);
    // What a human approved was this address; another one may be somebody who has read the hardware id.
    if (claim.approval && before.network !== networkOf(address)) throw alreadyClaimed();
    if (before.state === 'pending') return this.#newPoll(before);
    const isUsed = this.#requireToken(before);
    if (isUsed && claim.approval) return this.#newPoll({ ...before, state: 'pending' });
    return this.#issue(before);
  }

  #poll(poll: string, address: string): Provisioned {
    const enrolment = this.#parts.enrolments.ofPoll(hashOf(poll));
    if (enrolment === undefined) throw refusal(401, 'bad_claim', 'Nobody waits with this secret.');
    if (enrolment.state === 'pending') return { state: 'pending' };
    if (enrolment.token !== null) this.#parts.attempts.failed(address);
    if (enrolment.state === 'approved' && enrolment.token === null) return this.#issue(enrolment);
    if (this.#requireToken(enrolment)) throw alreadyClaimed();
    return this.#issue(enrolment);
  }

  /** Whether its token was used. @throws FieldlineError where it may get no other one in any case */
  #requireToken({ state, device, token, claim }: Enrolment): boolean {
    const { deviceTokens, registry, claims } = this.#parts;
    const last = device === null ? undefined : deviceTokens.list(device).find(({ id }) => id === token);
    const isBarred = device === null || registry.get(device)?.disabled !== false;
    if (state === 'rejected' || isBarred || (token !== null && last === undefined)) {
      throw refusal(403, 'claim_rejected', 'This device was turned away.');
    }
    const isUsed = last !== undefined && last.lastUsedAt !== null;
    if (isUsed && claims.get(claim)?.renew !== true) throw alreadyClaimed();
    return isUsed;
  }

  #wait(claim: ClaimRecord, enrolment: Enrolment): Provisioned {
    const { claims, enrolments, repeated } = this.#parts;
    if (enrolments.waiting >= MAX_PENDING) {
      const message = `${MAX_PENDING} devices wait for approval, which is the limit.`;
      throw new FieldlineError('too_many_pending', message, { status: 429, retryAfterMs: 60_000 });
    }
    const poll = newSecret(POLL_PREFIX);
    claims.count(claim.id, 1, () => enrolments.insert({ ...enrolment, pollHash: hashOf(poll) }));
    repeated.note(`waiting ${claim.id}`, {
      ...byClaim(claim.id, enrolment),
      action: 'claim.requested',
      subject: `claim:${claim.id}`,
    });
    return { state: 'pending', poll };
  }

  #newPoll(enrolment: Enrolment): Provisioned {
    const poll = newSecret(POLL_PREFIX);
    this.#together(() => this.#parts.enrolments.update({ ...enrolment, pollHash: hashOf(poll) }));
    return { state: 'pending', poll };
  }

  #letIn(claim: ClaimRecord, enrolment: Enrolment): Provisioned {
    const { claims, enrolments, registry } = this.#parts;
    const device = this.#freeId(claim, enrolment.hardwareId);
    const letIn: Enrolment = { ...enrolment, state: 'approved', device };
    registry.create(newDevice(device, claim, enrolment.name), () => {
      claims.count(claim.id, 1, () => enrolments.insert(letIn));
    });
    try {
      return this.#issue(letIn);
    } catch (error) {
      // A device without a token could not connect, and its place would be lost.
      claims.count(claim.id, -1, () => enrolments.delete(letIn.id));
      registry.delete(device);
      throw error;
    }
  }

  /** Makes a token for it, in place of the one that it got before. */
  #issue(enrolment: Enrolment): Provisioned {
    const { deviceTokens, enrolments } = this.#parts;
    const { device, token: before } = enrolment;
    const claim = this.#claimOf(enrolment);
    if (device === null) throw refusal(403, 'claim_rejected', 'This device was turned away.');
    const { token } = deviceTokens.create(device, { name: 'by claim key' }, (made) => {
      enrolments.update({ ...enrolment, token: made.id });
      if (before === null) this.#note(null, 'claim.exchanged', `device:${device}`, enrolment);
    });
    if (before !== null) {
      deviceTokens.revoke(device, before);
      const told = { ...byClaim(claim.id, enrolment), action: 'claim.renewed', subject: `device:${device}` };
      this.#parts.repeated.note(`renewed ${enrolment.id}`, told);
    }
    return { state: 'ready', id: device, token, profile: claim.profile };
  }

  /** By its hardware where that id is free, so that people find it; a claim key never reaches another's device. */
  #freeId({ idPrefix }: ClaimRecord, hardwareId: string | null): string {
    const { registry } = this.#parts;
    const spoken = (hardwareId ?? '').replace(/[^A-Za-z0-9_-]/g, '');
    const wanted = (idPrefix + spoken).slice(0, MAX_ID_LENGTH);
    if (spoken !== '' && !registry.has(wanted)) return wanted;
    for (;;) {
      const id = idPrefix + randomBytes(4).toString('hex');
      if (!registry.has(id)) return id;
    }
  }

  #hasToken(device: string, token: string): boolean {
    return this.#parts.deviceTokens.list(device).some(({ id }) => id === token);
  }

  #pending(id: string): Enrolment {
    const enrolment = this.#parts.enrolments.get(id);
    if (enrolment === undefined) throw refusal(404, 'not_found', `Nobody waits as ${id}.`);
    if (enrolment.state !== 'pending') throw refusal(409, 'not_pending', `It is ${enrolment.state} already.`);
    return enrolment;
  }

  #claimOf({ claim: id }: Enrolment): ClaimRecord {
    const claim = this.#parts.claims.get(id);
    if (claim === undefined) throw refusal(401, 'bad_claim', 'This claim key is not known here.');
    return claim;
  }

  #refused(asked: ProvisionRequest | ProvisionPoll, address: string, { code, status }: FieldlineError): void {
    if (status === 401) this.#parts.attempts.failed(address);
    const claim = 'claim' in asked ? this.#parts.claims.find(asked.claim) : undefined;
    const subject = claim === undefined ? 'claim' : `claim:${claim.id}`;
    const kind = `${networkOf(address)} ${subject} ${code}`;
    this.#parts.repeated.note(kind, {
      ...{ actor: 'nobody', address, action: 'claim.refused', subject, result: code },
      details: 'hardwareId' in asked ? { hardwareId: asked.hardwareId } : {},
    });
  }

  #note(actor: Actor | null, action: string, subject: string, enrolment: Enrolment): void {
    const { claim } = enrolment;
    const who =
      actor === null ? byClaim(claim, enrolment) : { actor: auditName(actor), address: actor.address };
    const { hardwareId, name, address } = enrolment;
    const details = { claim, hardwareId, name, ...(actor === null ? {} : { address }) };
    this.#parts.audit.add({ at: this.#now(), ...who, action, subject, details });
  }

  #together(work: () => void): void {
    this.#parts.state.transaction(work);
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)();
  }
}

function newDevice(id: string, { profile, tags }: ClaimRecord, name: string | null) {
  return { id, profile, tags, ...(name === null ? {} : { name }) };
}

function byClaim(claim: string, { address }: Enrolment): Pick<Deed, 'actor' | 'address'> {
  return { actor: `claim:${claim}`, address };
}

function alreadyClaimed(): FieldlineError {
  const message = 'This device has its token already; an admin can give it another one.';
  return refusal(409, 'already_claimed', message);
}

function refusal(status: number, code: string, message: string): FieldlineError {
  return new FieldlineError(code, message, { status });
}
