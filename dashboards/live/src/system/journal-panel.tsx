import { num } from '../format/number.js';
import { size } from '../format/size.js';
import { Icon } from '../shell/icon.js';
import { system as words } from '../strings/system.js';
import type { Health } from './health.js';
import { Meter } from './meter.js';
import { Fact } from './sink-panel.js';
import type { SystemNews } from './system-watch.js';
import { share } from './trouble.js';

/** The journal and the disk: how much of each is used, and whether the journal can be written. */
export function JournalPanel({ journal, news }: { journal: Health['journal']; news: SystemNews | null }) {
  const { bytes, maxBytes, segments, damaged, trouble } = journal;
  const { disk = null, historyBytes = null } = news?.view ?? {};
  const used = disk && disk.bytes - disk.freeBytes;
  return (
    <section class="panel" aria-label={words.journal}>
      <header>
        <h2>{words.journal}</h2>
        <span class="sub small">{words.andDisk}</span>
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
        <Meter name={words.used} share={share(journal)}>
          {size(bytes)} <span class="u">{words.ofCap(size(maxBytes))}</span>
        </Meter>
        {disk && used !== null && disk.bytes > 0 && (
          <Meter name={words.disk} share={used / disk.bytes}>
            {size(disk.freeBytes)} <span class="u">{words.freeOf(size(disk.bytes))}</span>
          </Meter>
        )}
        <p class="sub small">{words.journalMeans}</p>
        <dl class="facts">
          {historyBytes !== null && <Fact name={words.history}>{size(historyBytes)}</Fact>}
          <Fact name={words.segments}>{num(segments, 0)}</Fact>
          <Fact name={words.damaged}>
            {damaged === 0 ? num(0, 0) : <span class="is-warn">{num(damaged, 0)}</span>}
          </Fact>
        </dl>
      </div>
    </section>
  );
}
