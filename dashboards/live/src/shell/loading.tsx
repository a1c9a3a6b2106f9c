import { useEffect, useState } from 'preact/hooks';

const QUIET_MS = 200;

/** Bars where text will be, after 200 ms: what comes sooner never flickers. */
export function Loading({ rows, label }: { rows: number; label: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div class="pad loading" aria-busy="true" role="status">
      <span class="vh">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div class="row" key={row} aria-hidden="true">
          <span class="sk sk-glyph" />
          <span class={`sk sk-text-${row % 3}`} />
          <span class="grow" />
          <span class="sk sk-value" />
        </div>
      ))}
    </div>
  );
}
