import { may } from '../command/permit.js';
import { sendToMany } from '../jobs/chosen.js';
import { Icon } from '../shell/icon.js';
import { role } from '../shell/session.js';
import { fleet as words } from '../strings.js';
import type { Fleet } from './fleet.js';
import { saveDevices } from './save-devices.js';
import type { Selection } from './selection.js';

interface BulkBarProps {
  readonly fleet: Fleet;
  readonly selection: Selection;
  /** The devices that the list shows, in its order. */
  readonly order: readonly string[];
}

/** What can be done with the chosen devices. A filter may hide some of them: then it says so. */
export function BulkBar({ fleet, selection, order }: BulkBarProps) {
  void fleet.changed.value;
  const ids = [...selection.ids.value].filter((id) => fleet.devices.has(id));
  if (ids.length === 0) return null;
  const shown = new Set(order);
  const hidden = ids.filter((id) => !shown.has(id)).length;
  const allowed = may(role(), 'operator');
  return (
    <section class="bulk" aria-label={words.selection}>
      <b role="status">{words.selected(ids.length, hidden)}</b>
      <button
        type="button"
        class="btn"
        aria-disabled={!allowed}
        title={allowed ? undefined : words.needsOperator}
        onClick={() => allowed && sendToMany(ids)}
      >
        <Icon name={allowed ? 'out' : 'lock'} />
        {allowed ? words.send : words.needsOperator}
      </button>
      <button type="button" class="btn wide-only" onClick={() => saveDevices(ids, fleet)}>
        <Icon name="save" />
        {words.exportList}
      </button>
      <button
        type="button"
        class="btn sq"
        aria-label={words.selectNothing}
        aria-keyshortcuts="Escape"
        onClick={() => selection.clear()}
      >
        <Icon name="x" />
      </button>
    </section>
  );
}
