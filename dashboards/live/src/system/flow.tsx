import { brief, size } from '../format/size.js';
import { pulse } from '../live/pulse.js';
import { Icon, type IconName } from '../shell/icon.js';
import { sinkNames, system as words } from '../strings/system.js';
import { rate, syncMs } from './figures.js';
import type { Health, WatchedSink } from './health.js';
import { sinkGlyph } from './sink-glyph.js';
import type { SystemNews } from './system-watch.js';
import { type Grade, gradeOfSink } from './trouble.js';

/** Height of the drawings between the stations, in their own units; they are stretched to the boxes. */
const HEIGHT = 200;
const MIDDLE = HEIGHT / 2;
/** Lines leave the middle this far apart. */
const STEP = 4;

/**
 * The way of the data: where it comes from, what is checked, the journal, and whoever reads from it. A sink that is
 * away hangs on a dashed line.
 */
export function Flow({ health: { journal, sinks }, news }: { health: Health; news: SystemNews | null }) {
  const oldest = sinks.map((sink) => sink.oldest).filter((at) => at !== null);
  const now = news?.samples.at(-1);
  const sources = Object.entries(news?.view.messages ?? {});
  const grades: Grade[] = [...sinks.map(gradeOfSink), 'well'];
  const { sync = null } = now ?? {};
  return (
    <section class="flow inset" aria-label={words.flow}>
      <div class="sinks">
        {sources.map(([name, count]) => (
          <Box key={name} glyph={count > 0 ? 'online' : 'never'} name={words.sources(name)}>
            <span>
              {rate(now?.messages[name] ?? 0)}
              <span class="u">/s</span>
            </span>
            <span class="sub">{words.sinceStart(brief(count))}</span>
          </Box>
        ))}
      </div>
      <Fan grades={sources.map(() => 'well')} inward />
      <div class="stn">
        <h2>{words.checked}</h2>
        <span class="v">
          {now ? rate(now.readings) : words.unknown}
          <span class="u">{words.readingsPerSecond}</span>
        </span>
        <span class="sub">{words.rejectedRate(rate(now?.rejected ?? 0))}</span>
        <span class="sub">{words.duplicateRate(rate(now?.duplicates ?? 0))}</span>
      </div>
      <Fan grades={['well']} />
      <div class="stn">
        <h2>{words.journal}</h2>
        <span class="v">
          {sync ? syncMs(sync.median) : words.unknown}
          <span class="u">{words.toDisk}</span>
        </span>
        <span class="sub">{sync ? words.p99(syncMs(sync.p99)) : words.noSync}</span>
        <span class="sub">
          {size(journal.bytes)},{' '}
          {oldest.length === 0 ? words.allDone : words.oldestWaits(pulse.value - Math.min(...oldest))}
        </span>
      </div>
      <Fan grades={grades} />
      <div class="sinks">
        {sinks.map((sink) => (
          <SinkBox key={sink.name} sink={sink} />
        ))}
        <Box glyph="online" name={words.viewers}>
          <span>{words.open(brief(news?.view.viewers ?? 0))}</span>
          <span class="sub">{words.viewersSay}</span>
        </Box>
      </div>
    </section>
  );
}

/** Lines between the middle of a station and the boxes beside it. */
function Fan({ grades, inward = false }: { grades: readonly Grade[]; inward?: boolean }) {
  return (
    <svg
      class="fan"
      viewBox={`0 0 64 ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
    >
      {grades.map((grade, i) => {
        const box = (HEIGHT * (i + 0.5)) / grades.length;
        const middle = MIDDLE + STEP * (i - (grades.length - 1) / 2);
        const [from, to] = inward ? [box, middle] : [middle, box];
        return <path key={i} class={`is-${grade}`} d={`M0 ${from}C34 ${from} 30 ${to} 64 ${to}`} />;
      })}
    </svg>
  );
}

interface BoxProps {
  readonly glyph: IconName;
  readonly name: string;
  readonly grade?: Grade;
  readonly children: preact.ComponentChildren;
}

function Box({ glyph, name, grade = 'well', children }: BoxProps) {
  return (
    <div class={`sink is-${grade}-edge`}>
      <span class={grade === 'well' ? '' : `is-${grade}`}>
        <Icon name={glyph} glyph />
      </span>
      <b>{name}</b>
      {children}
    </div>
  );
}

function SinkBox({ sink }: { sink: WatchedSink }) {
  const { name, state, perSecond, lag } = sink;
  const says =
    state === 'running' && perSecond !== null ? words.writes(rate(perSecond)) : words.states[state];
  return (
    <Box glyph={sinkGlyph(state)} name={sinkNames(name)} grade={gradeOfSink(sink)}>
      <span>{words.behind(brief(lag))}</span>
      <span class="sub">{says}</span>
    </Box>
  );
}
