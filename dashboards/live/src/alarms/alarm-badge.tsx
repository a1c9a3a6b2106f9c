import { alarms as words } from '../strings/alarms.js';
import type { AlarmWatch } from './alarm-watch.js';

/** How many alarms nobody has seen, beside the name of their page; nothing where there are none. */
export function AlarmBadge({ watch }: { watch: AlarmWatch }) {
  const count = watch.unseen.value;
  if (count === 0) return null;
  return (
    <>
      {' '}
      <span class="count bad" title={words.raisedCount(count)}>
        {count > 999 ? '999+' : count}
        <span class="vh"> {words.raisedCount(count)}</span>
      </span>
    </>
  );
}
