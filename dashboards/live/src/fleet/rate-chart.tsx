import { useEffect, useRef } from 'preact/hooks';
import { palette } from '../chart/palette.js';
import { paper } from '../chart/pixels.js';
import { num } from '../format/number.js';
import type { Arrivals } from '../live/arrivals.js';
import { fleet as words } from '../strings.js';

const LINE_PX = 1.25;
const EDGE_PX = 3;

/** Readings that the hub took in the last minutes, as a line, and how many a second they are now. */
export function RateChart({ arrivals }: { arrivals: Arrivals }) {
  const samples = arrivals.samples.value;
  const colours = palette.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const on = canvas.current && paper(canvas.current);
    if (!on || samples.length < 2) return;
    const { g, width, height } = on;
    const high = Math.max(1, ...samples.map(({ readings }) => readings));
    const last = samples.at(-1)?.at ?? 0;
    g.strokeStyle = colours.s1;
    g.lineWidth = LINE_PX;
    g.lineJoin = 'round';
    g.beginPath();
    for (const { at, readings } of samples) {
      // The whole width is five minutes: a page that was just opened shows less, at the right.
      const x = width - EDGE_PX - ((last - at) / 300_000) * (width - 2 * EDGE_PX);
      g.lineTo(x, height - EDGE_PX - (readings / high) * (height - 2 * EDGE_PX));
    }
    g.stroke();
  }, [samples, colours]);
  const now = samples.at(-1)?.readings;
  if (now === undefined) return null;
  const figure = words.rate(now);
  return (
    <div class="rate wide-only">
      <span class="sub small">{words.rateTitle}</span>
      <canvas ref={canvas} role="img" aria-label={words.rateSays(num(now, now < 10 ? 1 : 0))} />
      <b>
        {figure}
        <span class="u">/s</span>
      </b>
    </div>
  );
}
