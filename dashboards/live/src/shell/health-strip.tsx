import { pulse } from '../live/pulse.js';
import { system as words } from '../strings.js';
import type { HealthWatch } from '../system/health.js';
import { troubles } from '../system/trouble.js';
import { Icon } from './icon.js';
import { systemHref } from './route.js';

/** What is offline behind the hub, and whether anything is lost by it. Nothing while all is well. */
export function HealthStrip({ watch }: { watch: HealthWatch }) {
  const health = watch.health.value;
  const now = pulse.value;
  const [worst, ...others] = health ? troubles(health, now) : [];
  if (!worst) return null;
  return (
    <div class={`note strip is-${worst.grade}`}>
      <Icon name={worst.grade} glyph />
      <div>
        <b>{words.stripHead(worst)}</b> {/* Ages run: read out once a second they would drown the page. */}
        <span aria-live="off">
          {words.stripBody(worst, now)}
          {others.length > 0 && ` ${words.andMore(others.length)}`}
        </span>
      </div>
      <a class="btn tiny" href={systemHref()}>
        {words.title}
      </a>
    </div>
  );
}
