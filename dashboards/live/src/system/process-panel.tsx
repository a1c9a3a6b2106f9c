import { age } from '../format/age.js';
import { NBSP, num } from '../format/number.js';
import { size } from '../format/size.js';
import { stamp } from '../format/time.js';
import { system as words } from '../strings/system.js';
import { Fact } from './sink-panel.js';
import type { SystemNews } from './system-watch.js';

/** The process: memory, how busy it is, who is connected, and what it had to give up. */
export function ProcessPanel({ news: { view, samples } }: { news: SystemNews }) {
  const { devices, bestEffortDropped, liveDropped, gaps } = view;
  const last = samples.at(-1);
  const first = samples[0];
  const growth = last && first ? last.memoryBytes - first.memoryBytes : 0;
  return (
    <section class="panel" aria-label={words.process.title}>
      <header>
        <h2>{words.process.title}</h2>
        <span class="grow" />
        <span class="sub small" title={stamp(view.startedAt)}>
          {words.process.up(view.version, age(Math.max(1000, view.at - view.startedAt)))}
        </span>
      </header>
      <div class="pad slim">
        <dl class="facts">
          <Fact name={words.process.memory}>
            {size(view.memoryBytes)}{' '}
            {first && last && first !== last && (
              <span class="sub">{words.process.growth(growth, age(last.at - first.at))}</span>
            )}
          </Fact>
          <Fact name={words.process.busy}>
            {last ? `${num(last.busy * 100, 0)}${NBSP}%` : <span class="sub">{words.process.soon}</span>}
          </Fact>
          <Fact name={words.process.devices}>
            {words.process.standing(devices.online, devices.sleeping, devices.offline)}
          </Fact>
          <Fact name={words.process.viewers}>{num(view.viewers, 0)}</Fact>
          <Fact name={words.process.dropped}>{num(bestEffortDropped, 0)}</Fact>
          <Fact name={words.process.skipped}>{num(liveDropped, 0)}</Fact>
          <Fact name={words.process.gaps}>{num(gaps, 0)}</Fact>
          <Fact name={words.process.clocks}>{num(view.clockRepairs, 0)}</Fact>
        </dl>
      </div>
    </section>
  );
}
