import * as hub from '../api/hub.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { recorder as words } from '../strings.js';
import { RANGES } from './ranges.js';
import type { Recorder } from './recorder.js';
import { BucketWidth } from './recorder-view.js';

interface RangeBarProps {
  readonly recorder: Recorder;
  readonly device: string;
  readonly onRange: (spanMs: number) => void;
}

/** What part of time is shown, live or held, and the way to take it along. */
export function RangeBar({ recorder, device, onRange }: RangeBarProps) {
  const { spanMs, end } = recorder.view.value;
  const live = end === null;
  const window = recorder.window(pulse.value);
  return (
    <div class="row wrap inset">
      <fieldset class="seg ranges" aria-label={words.range}>
        {RANGES.map((range, index) => (
          <button
            key={range.name}
            type="button"
            title={words.key(index + 1)}
            aria-pressed={live && range.spanMs === spanMs}
            onClick={() => onRange(range.spanMs)}
          >
            {range.title}
          </button>
        ))}
      </fieldset>
      <button
        type="button"
        class="btn"
        aria-pressed={live}
        aria-keyshortcuts="Space"
        onClick={() => recorder.pause()}
      >
        <Icon name={live ? 'pause' : 'play'} />
        {live ? words.live : words.goLive}
      </button>
      <BucketWidth recorder={recorder} />
      <span class="grow" />
      <a
        class="btn bare"
        href={hub.exportUrl(device, Math.floor(window.from), Math.ceil(window.to))}
        download={`${device}.csv`}
        title={words.csvHint}
      >
        <Icon name="save" />
        {words.csv}
      </a>
    </div>
  );
}
