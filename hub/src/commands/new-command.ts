import type { Device } from '../devices/device.js';
import type { Command } from './command.js';
import { type Actor, giverOf } from './ledger.js';
import { checkedParams, type GivenParams } from './params.js';

/** A command that somebody wants given. */
export interface WantedCommand {
  readonly name: string;
  readonly params?: GivenParams | undefined;
  /** ms; 10 s by default, 1 h with `queue`. */
  readonly ttl?: number | undefined;
  readonly queue?: boolean | undefined;
}

const TTL_MS = 10_000;
const QUEUE_TTL_MS = 3_600_000;
const TIMEOUT_MS = 10_000;

/**
 * A command as it begins, checked against its device's profile.
 * @throws FieldlineError 422 `unknown_command`, `bad_params`
 */
export function newCommand(
  { id: device, profile }: Device,
  { name, params = {}, ttl, queue = false }: WantedCommand,
  actor: Actor,
  id: string,
  createdAt: number,
): Command {
  return {
    ...{ id, device, name },
    params: checkedParams(profile, name, params),
    state: 'queued',
    queue,
    ttl: ttl ?? (queue ? QUEUE_TTL_MS : TTL_MS),
    timeout: profile?.commands.get(name)?.timeoutMs ?? TIMEOUT_MS,
    createdAt,
    ...{ sentAt: null, acceptedAt: null, finishedAt: null, boot: null },
    ...{ result: null, error: null, verification: null, verifiedAt: null },
    by: actor.name,
    giver: giverOf(actor),
  };
}
