import { brief, size } from '../format/size.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { sinkNames, system as words } from '../strings.js';
import type { Health, WatchedSink } from './health.js';
import { sinkGlyph } from './sink-glyph.js';
import { gradeOfSink } from './trouble.js';

/** Height of the drawing between journal and sinks, in its own units; it is stretched to the boxes. */
const HEIGHT = 100;

/** The way of the data: the journal, and each sink that reads from it. A sink that is away hangs on a dashed line. */
export function Flow({ health: { journal, sinks } }: { health: Health }) {
  const oldest = sinks.map((sink) => sink.oldest).filter((at) => at !== null);
  return (
    <section class="flow inset" aria-label={words.flow}>
      <div class="stn">
        <h2>{words.journal}</h2>
        <span class="v">{size(journal.bytes)}</span>
        <span class="sub">{words.ofCap(size(journal.maxBytes))}</span>
        <span class="sub">
          {oldest.length === 0 ? words.allDone : words.oldestWaits(pulse.value - Math.min(...oldest))}
        </span>
      </div>
      <Fan sinks={sinks} />
      <div class="sinks">
        {sinks.map((sink) => (
          <SinkBox key={sink.name} sink={sink} />
        ))}
      </div>
    </section>
  );
}

function Fan({ sinks }: { sinks: readonly WatchedSink[] }) {
  return (
    <svg
      class="fan"
      viewBox={`0 0 64 ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
    >
      {sinks.map((sink, i) => {
        const y = (HEIGHT * (i + 0.5)) / sinks.length;
        return (
          <path
            key={sink.name}
            class={`is-${gradeOfSink(sink)}`}
            d={`M0 ${HEIGHT / 2}C34 ${HEIGHT / 2} 30 ${y} 64 ${y}`}
          />
        );
      })}
    </svg>
  );
}

function SinkBox({ sink }: { sink: WatchedSink }) {
  const grade = gradeOfSink(sink);
  const { state, perSecond, lag } = sink;
  const says =
    state === 'running' && perSecond !== null ? words.writes(brief(perSecond)) : words.states[state];
  return (
    <div class={`sink is-${grade}-edge`}>
      <span class={grade === 'well' ? '' : `is-${grade}`}>
        <Icon name={sinkGlyph(state)} glyph />
      </span>
      <b>{sinkNames(sink.name)}</b>
      <span>{words.behind(brief(lag))}</span>
      <span class="sub">{says}</span>
    </div>
  );
}
