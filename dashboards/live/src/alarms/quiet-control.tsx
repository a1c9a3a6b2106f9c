import type { AlarmView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import { ApiError } from '../api/client.js';
import { clock, stamp } from '../format/time.js';
import { Icon } from '../shell/icon.js';
import { toast } from '../shell/toast.js';
import { TroubleNote } from '../shell/trouble-note.js';
import { alarms as words } from '../strings/alarms.js';
import { quiets } from './quiets.js';

/** Has nobody called about the limit of an alarm for an hour, and calls them again. */
export function QuietControl({ alarm, may }: { alarm: AlarmView; may: boolean }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const quiet = quiets.of(alarm);
  if (!may && !quiet) return null;
  const does = async (work: () => Promise<void>, said: string) => {
    if (busy) return;
    setBusy(true);
    setTrouble(undefined);
    try {
      await work();
      toast(said, 'check');
    } catch (error) {
      setTrouble({ text: troubleOf(error), until: quiet?.until });
    }
    setBusy(false);
    // Without an answer to this, what was answered just now holds; the list is asked for again soon.
    void quiets.again().catch(() => {});
  };
  const begin = async () => quiets.put(await hub.quiet(alarm.id));
  const end = async () => {
    await hub.endQuiet(alarm.id);
    quiets.drop(alarm);
  };
  return (
    <>
      {!quiet && (
        <button
          type="button"
          class="btn bare"
          aria-busy={busy}
          title={words.quiet.says}
          onClick={() => void does(begin, words.quiet.begun)}
        >
          {words.quiet.go}
        </button>
      )}
      {quiet && (
        <div class="note whole">
          <Icon name="bell" />
          <div title={stamp(quiet.until)}>{words.quiet.until(clock(quiet.until), quiet.by)}</div>
          {may && (
            <button
              type="button"
              class="btn tiny"
              aria-busy={busy}
              onClick={() => void does(end, words.quiet.ended)}
            >
              {words.quiet.end}
            </button>
          )}
        </div>
      )}
      {trouble !== undefined && trouble.until === quiet?.until && (
        <div class="whole">
          <TroubleNote trouble={trouble.text} />
        </div>
      )}
    </>
  );
}

/** Why it could not be done, and what was known then: once more is known, it is out of date. */
interface Trouble {
  readonly text: string;
  readonly until: number | undefined;
}

/** Only a refusal says that nothing was done; an answer that is lost says nothing. */
function troubleOf(error: unknown): string {
  if (!(error instanceof ApiError)) return words.quiet.failed(String(error));
  const isRefused = error.status >= 400 && error.status < 500;
  return isRefused ? words.quiet.failed(error.message) : words.quiet.unknown;
}
