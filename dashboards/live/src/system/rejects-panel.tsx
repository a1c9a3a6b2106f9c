import { num } from '../format/number.js';
import { Icon } from '../shell/icon.js';
import { system as words } from '../strings/system.js';
import { Bar } from './meter.js';
import type { SystemNews } from './system-watch.js';

/** What was refused since the start, by reason, the most frequent first. */
export function RejectsPanel({ view: { rejects } }: Pick<SystemNews, 'view'>) {
  const rows = Object.entries(rejects).sort(([, a], [, b]) => b - a);
  const most = rows[0]?.[1] ?? 0;
  return (
    <section class="panel" aria-label={words.rejects.title}>
      <header>
        <h2>{words.rejects.title}</h2>
        <span class="sub small">{words.rejects.says}</span>
      </header>
      <div class="pad">
        {rows.length === 0 ? (
          <p class="sub row">
            <Icon name="ok" glyph />
            {words.rejects.none}
          </p>
        ) : (
          <div class="bars">
            {rows.map(([code, count]) => (
              <Row key={code} code={code} count={count} share={count / most} />
            ))}
          </div>
        )}
      </div>
      <footer>{words.rejects.where}</footer>
    </section>
  );
}

function Row({ code, count, share }: { code: string; count: number; share: number }) {
  return (
    <>
      <span>
        {words.rejects.reason(code)} <span class="sub mono small">{code}</span>
      </span>
      <Bar share={share} />
      <span class="end">{num(count, 0)}</span>
    </>
  );
}
