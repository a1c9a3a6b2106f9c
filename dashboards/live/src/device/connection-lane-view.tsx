import { useEffect, useRef } from 'preact/hooks';
import { palette } from '../chart/palette.js';
import { drawStates, type StateLook } from '../chart/state-lane.js';
import { pulse } from '../live/pulse.js';
import { words as common, recorder as words } from '../strings.js';
import { type Connections, marksOf, type Stand, standsOf } from './connections.js';
import type { Recorder } from './recorder.js';
import { useInView } from './use-in-view.js';

const LOOKS: Readonly<Record<string, StateLook>> = {
  online: { word: words.stands.online, fill: null, soft: false, line: 'ink-3' },
  asleep: { word: words.stands.asleep, fill: 'ink-3', soft: true },
};

interface ConnectionLaneViewProps {
  readonly recorder: Recorder;
  readonly connections: Connections;
}

/**
 * When the device was connected. While it was not, nothing is known of it, so that time is hatched as in the other lanes;
 * other boots and readings that it brought along later are marked.
 */
export function ConnectionLaneView({ recorder, connections }: ConnectionLaneViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const inView = useInView(canvas);
  const colours = palette.value;
  const width = recorder.widthPx.value;
  const { end } = recorder.view.value;
  const events = connections.events.value;
  const { from, to } = recorder.window(end ?? (inView ? pulse.value : pulse.peek()));
  const stands = standsOf(events, from, to);
  const at = recorder.at.value;
  const pointed = stands.find((stand) => stand.to >= (at ?? to));

  useEffect(() => {
    if (!canvas.current || width === 0 || !inView) return;
    drawStates(canvas.current, {
      ...{ from, to, colours },
      segments: stands.map((stand) => ({
        ...stand,
        value: stand.value === 'offline' ? undefined : stand.value,
      })),
      look: (value) => LOOKS[String(value)] ?? { word: String(value), fill: null, soft: false },
      unknown: ({ from: since }) => wordOf(stands.find((stand) => stand.from === since)),
      marks: marksOf(events, from, to).map((mark) => ({ at: mark.at, word: words.marks[mark.kind] })),
    });
  });

  return (
    <div class="lane bits">
      <div class="lb">
        <span class="k cut">{words.connection}</span>
        <span class="v cut">{wordOf(pointed)}</span>
      </div>
      <canvas ref={canvas} role="img" aria-label={says(stands)} />
    </div>
  );
}

const wordOf = (stand: Stand | undefined): string =>
  stand?.value === undefined ? common.notKnown : words.stands[stand.value];

function says(stands: readonly Stand[]): string {
  const away = stands.filter(({ value }) => value === 'offline').map(({ from, to }) => to - from);
  return words.connectionSays(wordOf(stands.at(-1)), away);
}
