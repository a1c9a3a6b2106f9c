import type { AlarmView } from '@fieldline/protocol';
import type { Actor } from '../commands/ledger.js';
import { type AlarmStore, stateOf } from '../state/alarms.js';
import { type Audit, auditName } from '../state/audit.js';
import type { StateFile } from '../state/state-file.js';
import type { AlarmNews } from './alarm-change.js';

export interface AcknowledgeOptions {
  readonly state: StateFile;
  readonly store: Pick<AlarmStore, 'acknowledge'>;
  readonly audit: Audit;
  readonly now: () => number;
  readonly owe: (news: readonly AlarmNews[]) => void;
}

/**
 * Notes durably that somebody has seen these alarms, audited, with what is owed to channels. One that was acknowledged
 * before stays as it is.
 * @returns all of them as they are now, and what has changed
 */
export function acknowledge(
  { state, store, audit, now, owe }: AcknowledgeOptions,
  alarms: readonly AlarmView[],
  actor: Actor,
  note: string | null,
): { readonly alarms: AlarmView[]; readonly changes: readonly AlarmNews[] } {
  const at = now();
  const changes: AlarmNews[] = [];
  const seen = state.transaction(() => {
    const all = alarms.map((alarm) => {
      if (!store.acknowledge(alarm.id, actor.name, at, note)) return alarm;
      const { device, metric, level } = alarm;
      audit.add({
        ...{ at, actor: auditName(actor), address: actor.address, action: 'alarm.acknowledged' },
        ...{ subject: `alarm:${alarm.id}`, details: { device, metric, level, note } },
      });
      const told = { ...alarm, acknowledgedBy: actor.name, acknowledgedAt: at, note };
      const acknowledged = { ...told, state: stateOf(told) };
      changes.push({ event: 'acknowledged', alarm: acknowledged, at });
      return acknowledged;
    });
    owe(changes);
    return all;
  });
  return { alarms: seen, changes };
}
