import type { AlarmView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import { clock, stamp } from '../format/time.js';
import { Icon } from '../shell/icon.js';
import { toast } from '../shell/toast.js';
import { alarms as words } from '../strings/alarms.js';
import { quiets } from './quiets.js';

/** Has nobody called about the limit of an alarm for an hour, and calls them again. */
export function QuietControl({ alarm, may }: { alarm: AlarmView; may: boolean }) {
  const [busy, setBusy] = useState(false);
  const quiet = quiets.of(alarm);
  if (!may && !quiet) return null;
  const does = async (work: (id: string) => Promise<unknown>, said: string) => {
    if (busy) return;
    setBusy(true);
    try {
      await work(alarm.id);
      await quiets.again();
      toast(said, 'check');
    } catch (error) {
      toast(words.quiet.failed(error instanceof Error ? error.message : String(error)), 'failed');
    }
    setBusy(false);
  };
  if (!quiet) {
    return (
      <button
        type="button"
        class="btn bare"
        aria-busy={busy}
        title={words.quiet.says}
        onClick={() => void does(hub.quiet, words.quiet.begun)}
      >
        {words.quiet.go}
      </button>
    );
  }
  return (
    <div class="note whole">
      <Icon name="bell" />
      <div title={stamp(quiet.until)}>{words.quiet.until(clock(quiet.until), quiet.by)}</div>
      {may && (
        <button
          type="button"
          class="btn tiny"
          aria-busy={busy}
          onClick={() => void does(hub.endQuiet, words.quiet.ended)}
        >
          {words.quiet.end}
        </button>
      )}
    </div>
  );
}
