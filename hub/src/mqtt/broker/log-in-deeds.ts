import { networkOf } from '../../access/network.js';
import type { RepeatedDeeds } from '../../access/repeated-deeds.js';
import { auditName } from '../../state/audit.js';
import type { Member } from './log-in.js';

/** Audits who came to the embedded broker, who was refused, and who took over from whom. */
export class LogInDeeds {
  readonly #repeated: Pick<RepeatedDeeds, 'note'>;

  constructor(repeated: Pick<RepeatedDeeds, 'note'>) {
    this.#repeated = repeated;
  }

  loggedIn({ audited, scope }: Member, address: string): void {
    const actor = auditName(audited);
    this.#repeated.note(`mqtt ${scope} ${networkOf(address)}`, {
      ...{ actor, address, action: 'mqtt.connected', subject: actor },
    });
  }

  /**
   * @param member who it is, where the token was right
   * @param device what it said that it is, where that may be told
   * @returns whether it is the first of its kind for some time
   */
  refused(member: Member | null, device: string | null, address: string, code: string): boolean {
    const actor = member === null ? 'nobody' : auditName(member.audited);
    const subject = device !== null ? `device:${device}` : member === null ? 'mqtt' : actor;
    return this.#repeated.note(`mqtt ${networkOf(address)} ${subject} ${code}`, {
      ...{ actor, address, action: 'mqtt.refused', subject, result: code },
    });
  }

  takenOver({ audited, device, scope }: Member, from: string, to: string): void {
    const actor = auditName(audited);
    const action = device === null ? 'mqtt.taken_over' : 'device.taken_over';
    this.#repeated.note(`mqtt takeover ${scope}`, {
      ...{ actor, address: to, action, subject: actor, details: { from, via: 'mqtt' } },
    });
  }
}
