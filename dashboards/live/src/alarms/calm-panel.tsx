import type { AlarmView } from '@fieldline/protocol/browser';
import { useEffect, useMemo, useState } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import type { Fleet } from '../fleet/fleet.js';
import { useNames } from '../fleet/use-names.js';
import { when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Empty } from '../shell/empty.js';
import { alarms as words } from '../strings/alarms.js';
import type { AlarmWatch } from './alarm-watch.js';
import { lookIn, whatWords } from './alarm-words.js';

/** Nothing is raised: it says what was the last that was, as far as the hub tells. */
export function CalmPanel({ alarms, fleet }: { alarms: AlarmWatch; fleet: Fleet }) {
  void fleet.changed.value;
  const [last, setLast] = useState<AlarmView>();
  const changes = alarms.changes.value;
  useEffect(() => {
    hub.alarms('cleared').then(
      ({ items }) => setLast(lastCleared(items)),
      () => setLast(undefined),
    );
  }, [changes]);
  useNames(
    fleet,
    useMemo(() => (last ? [last] : []), [last]),
  );
  const device = last && fleet.devices.get(last.device);
  const body =
    last?.clearedAt == null
      ? words.now.emptyBody
      : words.now.lastOne(
          device?.name ?? last.device,
          whatWords(last.limit, lookIn(device?.view.profile ?? null, last.metric)),
          when(last.clearedAt, pulse.peek()),
        );
  return (
    <section class="panel">
      <Empty art="calm" head={words.now.emptyHead} body={body} />
    </section>
  );
}

/** The list is by when limits were crossed, and not by when that was over. */
function lastCleared(items: readonly AlarmView[]): AlarmView | undefined {
  const over = items.filter(({ past }) => !past);
  return over.sort((one, other) => (other.clearedAt ?? 0) - (one.clearedAt ?? 0))[0];
}
