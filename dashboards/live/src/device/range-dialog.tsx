import { useState } from 'preact/hooks';
import { useModal } from '../shell/modal.js';
import { recorder as words } from '../strings.js';
import { localTime, timeOf } from './local-time.js';
import { LEAST_SPAN_MS, MOST_SPAN_MS } from './ranges.js';

interface RangeDialogProps {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly onRange: (from: number, to: number) => void;
  readonly onClose: () => void;
}

/** Asks for a range by its ends, in the viewer's zone. */
export function RangeDialog({ from, to, now, onRange, onClose }: RangeDialogProps) {
  const dialog = useModal((element) => element.querySelector('input'));
  const [start, setStart] = useState(() => localTime(from));
  const [end, setEnd] = useState(() => localTime(to));
  const [tried, setTried] = useState(false);
  const trouble = troubleOf(timeOf(start), timeOf(end), now);
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    const [first, last] = [timeOf(start), timeOf(end)];
    if (trouble !== undefined || first === undefined || last === undefined) return;
    onRange(first, Math.max(last, first + LEAST_SPAN_MS));
    dialog.current?.close();
  };
  const field = (label: string, value: string, set: (value: string) => void) => (
    <label class="field">
      <span>{label}</span>
      <input
        class="in"
        type="datetime-local"
        step="1"
        required
        value={value}
        max={localTime(now)}
        aria-invalid={tried && trouble !== undefined}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
  return (
    <dialog ref={dialog} class="range-dialog" aria-labelledby="range-head" onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <header>
          <h2 id="range-head">{words.customHead}</h2>
        </header>
        <div class="pad stack">
          <div class="row wrap ends">
            {field(words.from, start, setStart)}
            {field(words.to, end, setEnd)}
          </div>
          <p class="err" role="alert">
            {tried && trouble}
          </p>
        </div>
        <footer>
          <button type="button" class="btn" onClick={() => dialog.current?.close()}>
            {words.cancel}
          </button>
          <button type="submit" class="btn main">
            {words.show}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

function troubleOf(from: number | undefined, to: number | undefined, now: number): string | undefined {
  if (from === undefined || to === undefined) return words.rangeMissing;
  if (from >= now) return words.rangeFuture;
  if (to <= from) return words.rangeBackwards;
  return to - from > MOST_SPAN_MS ? words.rangeLong : undefined;
}
