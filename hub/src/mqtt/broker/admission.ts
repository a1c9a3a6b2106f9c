import type { AuthenticateError, ConnectPacket } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { ApiTokens } from '../../access/api-tokens.js';
import type { DeviceAccess } from '../../devices/access.js';
import type { Attempts } from '../../devices/attempts.js';
import { TakeoverLimit } from '../../devices/takeover-limit.js';
import { FieldlineError } from '../../errors.js';
import { judgePublish, type Rules } from './authorize.js';
import type { HubAedes } from './hub-aedes.js';
import { type Link, shown } from './link.js';
import { claimedDevice, logIn, type Member, refusedLogIn, returnCodeOf } from './log-in.js';
import type { LogInDeeds } from './log-in-deeds.js';

export interface AdmissionOptions {
  readonly aedes: Pick<HubAedes, 'sessions'>;
  readonly apiTokens: Pick<ApiTokens, 'verify'>;
  readonly deviceAccess: DeviceAccess;
  readonly attempts: Pick<Attempts, 'note'>;
  readonly deeds: Pick<LogInDeeds, 'refused'>;
  readonly rules: Rules;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
  /** The newest connection of this session. */
  readonly newest: (id: string) => Link | undefined;
  /** How many connections this owner has. */
  readonly connectionsOf: (scope: string) => number;
}

/** Somebody's CONNECT. */
export interface Knock {
  readonly link: Link;
  readonly connect: ConnectPacket;
  /** The client identifier that aedes gave to who has none. */
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
}

const MAX_CLIENT_ID_BYTES = 256;
/** Connections of one device, or with one API token. */
const MAX_CONNECTIONS = { device: 8, token: 100 } as const;

/** Who is let in by the embedded broker. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #takeovers = new TakeoverLimit();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Logs somebody in, and begins or finds their session. @returns who it is, or what their CONNACK says against it */
  admit(knock: Knock): Member | AuthenticateError {
    const { apiTokens, log, attempts } = this.#options;
    const { link, connect, username, password } = knock;
    const { address } = link.stream;
    let member: Member;
    try {
      member = logIn(username, password, address, this.#options);
    } catch (error) {
      if (!(error instanceof FieldlineError)) log.error({ err: error }, 'an MQTT log-in failed');
      else {
        const device = claimedDevice(username, apiTokens);
        this.#refused(null, device, address, error);
        attempts.note(refusedLogIn(error, device, password, address));
      }
      return refusal(returnCodeOf(error), error instanceof Error ? error.message : 'refused');
    }
    // Of two owners who chose the same client identifier neither takes the other's session over.
    const id = `${member.scope}/${connect.clientId || knock.clientId}`;
    const fault = this.#faultOf(member, connect, id) ?? this.#begin(member, connect, link, id);
    if (fault === null) return member;
    this.#refused(member, member.device?.id ?? null, address, fault);
    return refusal(fault.returnCode, fault.message);
  }

  /** One connection has taken the place of another. */
  takenOver(older: Link, newer: Link): void {
    newer.line = older.line;
    this.#takeovers.count(newer.line, this.#options.now());
    this.#options.log.info(
      { client: newer.member?.name, from: older.stream.address, to: newer.stream.address },
      'an MQTT connection was taken over',
    );
  }

  #begin(member: Member, { clean }: ConnectPacket, link: Link, id: string): Fault | null {
    const hasRoom = this.#options.aedes.sessions.begin(id, member.scope, link, clean ?? true);
    if (!hasRoom) return fault(3, 'too_many_sessions', 'no room for another session');
    link.id = id;
    return null;
  }

  #faultOf(member: Member, { clientId, clean, will }: ConnectPacket, id: string): Fault | null {
    const { rules, now, newest, connectionsOf } = this.#options;
    if (Buffer.byteLength(clientId) > MAX_CLIENT_ID_BYTES) {
      return fault(2, 'bad_client_id', 'client identifier too long');
    }
    // MQTT 3.1.1 §3.1.3.1
    if (clientId === '' && !clean) {
      return fault(2, 'bad_client_id', 'a session to keep needs a client identifier');
    }
    const verdict = will && judgePublish(member.actor, will.topic, rules);
    if (verdict?.kind === 'refuse' || (verdict?.kind === 'request' && will?.retain)) {
      return fault(5, 'bad_will', `its will may not be published on ${shown(will?.topic ?? '')}`);
    }
    const older = newest(id);
    if (older && this.#takeovers.waitMs(older.line, now()) > 0) {
      const message = 'it was taken over too often: do two clients use one identifier?';
      return fault(3, 'too_many_takeovers', message);
    }
    const others = connectionsOf(member.scope) - (older ? 1 : 0);
    const isFull = others >= MAX_CONNECTIONS[member.actor.kind];
    return isFull ? fault(3, 'too_many_connections', 'too many connections') : null;
  }

  /** Anybody may knock as often as they like: what is the same again is in the audit with its number, not in the log. */
  #refused(member: Member | null, device: string | null, address: string, { code, message }: Refused): void {
    const { deeds, log } = this.#options;
    if (!deeds.refused(member, device, address, code)) return;
    const told = { client: member?.name, device, address, code, reason: message };
    if (member === null) log.info(told, 'MQTT log-in refused');
    else log.warn(told, 'MQTT log-in refused');
  }
}

interface Refused {
  /** For the audit. */
  readonly code: string;
  readonly message: string;
}

/** Why somebody who has logged in is not let in all the same. */
interface Fault extends Refused {
  readonly returnCode: 2 | 3 | 5;
}

function fault(returnCode: Fault['returnCode'], code: string, message: string): Fault {
  return { returnCode, code, message };
}

/** What CONNACK says (MQTT 3.1.1 §3.2.2.3). */
export function refusal(returnCode: 2 | 3 | 4 | 5, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}
