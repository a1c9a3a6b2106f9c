import { useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import type { MetricLook } from '../format/metric.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { copyText } from '../shell/copy-text.js';
import { Icon } from '../shell/icon.js';
import { toast } from '../shell/toast.js';
import { recorder as words } from '../strings.js';
import { tableOf } from './lanes.js';
import { RangeDialog } from './range-dialog.js';
import { RANGES } from './ranges.js';
import type { Recorder } from './recorder.js';
import { BucketWidth } from './recorder-view.js';

/** The buttons move the picture by this part of it: what was at an edge is still in view. */
const STEP = 0.75;

interface RangeBarProps {
  readonly recorder: Recorder;
  readonly device: LiveDevice;
  readonly looks: readonly MetricLook[];
}

/** What part of time is shown, live or held, and the ways to take it along. */
export function RangeBar({ recorder, device, looks }: RangeBarProps) {
  const [choosing, setChoosing] = useState(false);
  const { spanMs, end } = recorder.view.value;
  const live = end === null;
  const window = recorder.window(pulse.value);
  const copy = async () => {
    const done = await copyText(tableOf(recorder, device, looks, recorder.window(pulse.peek())));
    toast(done ? words.allCopied : words.copyFailed, done ? 'check' : 'failed');
  };
  return (
    <div class="row wrap inset range-bar">
      <fieldset class="seg ranges" aria-label={words.range}>
        {RANGES.map((range, index) => (
          <button
            key={range.name}
            type="button"
            title={words.key(index + 1)}
            aria-pressed={live && range.spanMs === spanMs}
            onClick={() => recorder.follow(range.spanMs)}
          >
            {range.title}
          </button>
        ))}
        <button type="button" aria-haspopup="dialog" aria-pressed={!live} onClick={() => setChoosing(true)}>
          {words.custom}
        </button>
      </fieldset>
      <fieldset class="seg steps" aria-label={words.range}>
        <button
          type="button"
          title={words.earlier}
          aria-label={words.earlier}
          onClick={() => recorder.pan(-STEP)}
        >
          <Icon name="left" />
        </button>
        <button
          type="button"
          title={words.later}
          aria-label={words.later}
          disabled={live}
          onClick={() => recorder.pan(STEP)}
        >
          <Icon name="right" />
        </button>
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
        href={hub.exportUrl(device.id, Math.floor(window.from), Math.ceil(window.to))}
        download
        title={words.csvHint}
      >
        <Icon name="save" />
        {words.csv}
      </a>
      <button type="button" class="btn bare" title={words.copyHint} onClick={() => void copy()}>
        <Icon name="copy" />
        {words.copy}
      </button>
      {choosing && (
        <RangeDialog
          {...window}
          now={pulse.peek()}
          onRange={(from, to) => recorder.zoom(to - from, to)}
          onClose={() => setChoosing(false)}
        />
      )}
    </div>
  );
}
