import type { ComponentChildren } from 'preact';
import { age } from '../format/age.js';
import { num } from '../format/number.js';
import { stamp } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { sinkNames, system as words } from '../strings/system.js';
import type { WatchedSink } from './health.js';
import { sinkGlyph } from './sink-glyph.js';
import { gradeOfSink } from './trouble.js';

/** One sink: what it has taken, what waits for it, and what keeps it. */
export function SinkPanel({ sink }: { sink: WatchedSink }) {
  const { state, lag, oldest, written, skipped, error } = sink;
  const grade = gradeOfSink(sink);
  const now = pulse.value;
  return (
    <section class="panel" aria-label={sinkNames(sink.name)}>
      <header>
        <h2>{sinkNames(sink.name)}</h2>
        <span class="grow" />
        <span class={`st ${grade === 'well' ? '' : `is-${grade}`}`}>
          <Icon name={sinkGlyph(state)} />
          {words.states[state]}
        </span>
      </header>
      {error !== undefined && (
        <div class={`note is-${grade === 'well' ? 'info' : grade} why`}>
          <div>
            <p>{words.advice[state]}</p>
            <p class="mono small">{error}</p>
          </div>
        </div>
      )}
      <div class="pad slim">
        <dl class="facts">
          <Fact name={words.waiting}>{lag === 0 ? words.nothing : words.readings(lag)}</Fact>
          <Fact name={words.oldest}>
            {oldest === null ? (
              <span class="sub">{words.nothing}</span>
            ) : (
              <time
                class={grade === 'well' ? '' : `is-${grade}`}
                dateTime={new Date(oldest).toISOString()}
                title={stamp(oldest)}
              >
                {age(Math.max(0, now - oldest))}
              </time>
            )}
          </Fact>
          <Fact name={words.written}>{num(written, 0)}</Fact>
          <Fact name={words.skipped}>
            {skipped === 0 ? num(0, 0) : <span class="is-warn">{num(skipped, 0)}</span>}
          </Fact>
        </dl>
        {skipped > 0 && <p class="sub small below">{words.skippedMeans}</p>}
      </div>
    </section>
  );
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
