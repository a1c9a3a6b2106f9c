import { useEffect } from 'preact/hooks';
import { clock } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { system as words } from '../strings.js';
import { Flow } from './flow.js';
import type { HealthWatch } from './health.js';
import { JournalPanel } from './journal-panel.js';
import { SinkPanel } from './sink-panel.js';
import { troubles } from './trouble.js';

/** An answer older than this is told with its time. */
const OLD_MS = 6_000;

/** How the hub itself is: what has been taken in, and where it has got to. */
export function SystemPage({ watch }: { watch: HealthWatch }) {
  const health = watch.health.value;
  const now = pulse.value;
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
    void watch.ask();
  }, [watch]);
  const worst = health && troubles(health, now)[0];
  return (
    <main id="main" tabIndex={-1} class="page flush">
      <div class="head">
        <h1>{words.title}</h1>
        {worst && (
          <span class={`badge is-${worst.grade}`}>
            <Icon name={worst.grade} glyph />
            {words.badge(worst)}
          </span>
        )}
        <span class="grow" />
        {health && now - health.at > OLD_MS && <span class="sub small">{words.from(clock(health.at))}</span>}
      </div>
      {health ? (
        <>
          <Flow health={health} />
          <div class="parts">
            <JournalPanel journal={health.journal} />
            {health.sinks.map((sink) => (
              <SinkPanel key={sink.name} sink={sink} />
            ))}
          </div>
        </>
      ) : (
        <section class="panel">
          <Loading rows={4} label={words.loading} />
        </section>
      )}
    </main>
  );
}
