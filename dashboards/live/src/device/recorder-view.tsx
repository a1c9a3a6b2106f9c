import { useComputed } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { palette } from '../chart/palette.js';
import { drawAxis } from '../chart/time-axis.js';
import type { MetricLook } from '../format/metric.js';
import { when, zone } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { recorder as words } from '../strings.js';
import { ConnectionLaneView } from './connection-lane-view.js';
import type { Connections } from './connections.js';
import { Crosshair, CrosshairTime } from './crosshair.js';
import { NumberLaneView } from './number-lane-view.js';
import type { Recorder } from './recorder.js';
import { StateLaneView } from './state-lane-view.js';
import { useLaneWidth } from './use-lane-width.js';

interface RecorderViewProps {
  readonly recorder: Recorder;
  readonly device: LiveDevice;
  readonly connections: Connections;
  readonly looks: readonly MetricLook[];
}

/** One lane a metric, one time axis, one crosshair. */
export function RecorderView({ recorder, device, connections, looks }: RecorderViewProps) {
  const numbers = looks.filter(({ numeric }) => numeric);
  const states = looks.filter(({ numeric }) => !numeric);

  const axis = useRef<HTMLCanvasElement>(null);
  useLaneWidth(recorder, axis);

  const { end } = recorder.view.value;
  const now = end === null ? pulse.value : end;
  const window = recorder.window(now);
  const colours = palette.value;
  const width = recorder.widthPx.value;
  useEffect(() => {
    if (axis.current && width > 0) drawAxis(axis.current, { ...window, live: end === null, colours });
  });

  const pointed = useComputed(() => recorder.at.value !== null);
  const { status } = recorder;
  return (
    <>
      {status.value.kind === 'failed' && <HistoryFailed code={status.value.code} recorder={recorder} />}
      <section class={`panel rec ${pointed.value ? 'at' : ''}`} aria-label={words.name}>
        <Crosshair recorder={recorder} device={device} looks={looks} window={window}>
          {numbers.map((look, index) => (
            <NumberLaneView
              key={look.key}
              recorder={recorder}
              device={device}
              connections={connections}
              look={look}
              first={index === 0}
            />
          ))}
          {states.map((look) => (
            <StateLaneView key={look.key} recorder={recorder} device={device} look={look} />
          ))}
          {connections.events.value.length > 0 && (
            <ConnectionLaneView recorder={recorder} connections={connections} />
          )}
          <div class="lane axis">
            <div class="lb sub small cut">{zone()}</div>
            <div class="time">
              <canvas
                ref={axis}
                role="img"
                aria-label={words.span(when(window.from, now), when(window.to, now))}
              />
              <CrosshairTime recorder={recorder} window={window} />
            </div>
          </div>
        </Crosshair>
      </section>
    </>
  );
}

function HistoryFailed({ code, recorder }: { code: string; recorder: Recorder }) {
  return (
    <div class="note is-alarm inset" role="alert">
      <Icon name="failed" />
      <div>
        <b>{words.failedHead(code)}</b>
        <p>
          {words.failedBody(recorder.openedAt)} <span class="mono small">{code}</span>
        </p>
      </div>
      <button type="button" class="btn tiny" onClick={() => recorder.reload()}>
        <Icon name="retry" />
        {words.askAgain}
      </button>
    </div>
  );
}

/** "2 min buckets": how fine the picture is; which part of time it is of, where that is not now. */
export function BucketWidth({ recorder }: { recorder: Recorder }) {
  const { end } = recorder.view.value;
  const asking = useLasting(recorder.asking.value);
  const now = pulse.peek();
  const { from, to } = recorder.window(now);
  return (
    <span class="sub small buckets">
      {asking ? words.asking : words.buckets(recorder.stepMs.value)}
      {end !== null && <span class="num nowrap">, {words.span(when(from, now), when(to, now))}</span>}
    </span>
  );
}

/** True once something has been true for a while: what is over sooner is not worth a word. */
function useLasting(isTrue: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!isTrue) return setLasts(false);
    const timer = setTimeout(() => setLasts(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [isTrue]);
  return lasts && isTrue;
}

const QUIET_MS = 200;
