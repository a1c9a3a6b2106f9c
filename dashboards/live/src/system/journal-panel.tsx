import { num } from '../format/number.js';
import { size } from '../format/size.js';
import { Icon } from '../shell/icon.js';
import { system as words } from '../strings.js';
import type { Health } from './health.js';
import { Fact } from './sink-panel.js';
import { gradeOfShare, share } from './trouble.js';

/** The journal: how much of its cap is used, and whether it can be written. */
export function JournalPanel({ journal }: { journal: Health['journal'] }) {
  const { bytes, maxBytes, segments, damaged, trouble } = journal;
  const part = share(journal);
  const grade = gradeOfShare(part);
  return (
    <section class="panel" aria-label={words.journal}>
      <header>
        <h2>{words.journal}</h2>
        <span class="grow" />
        <span class={`st ${trouble === null ? '' : 'is-alarm'}`}>
          <Icon name={trouble === null ? 'online' : 'failed'} />
          {trouble === null ? words.canWrite : words.cannotWrite}
        </span>
      </header>
      {trouble !== null && (
        <div class="note is-alarm why">
          <div>
            <p>
              {words.journalTrouble(trouble)} <span class="mono small">{trouble}</span>
            </p>
          </div>
        </div>
      )}
      <div class="pad stack">
        <div>
          <div class="row">
            <span>{words.used}</span>
            <span class="grow" />
            <span class={grade === 'well' ? '' : `is-${grade}`}>
              {size(bytes)} <span class="u">{words.ofCap(size(maxBytes))}</span>
            </span>
          </div>
          <span class={`meter is-${grade}`}>
            <i style={{ width: `${Math.max(part * 100, bytes > 0 ? 0.5 : 0)}%` }} />
          </span>
        </div>
        <p class="sub small">{words.journalMeans}</p>
        <dl class="facts">
          <Fact name={words.segments}>{num(segments, 0)}</Fact>
          <Fact name={words.damaged}>
            {damaged === 0 ? num(0, 0) : <span class="is-warn">{num(damaged, 0)}</span>}
          </Fact>
        </dl>
      </div>
    </section>
  );
}
