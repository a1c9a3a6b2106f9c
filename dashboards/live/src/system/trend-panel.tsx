import { useEffect, useRef } from 'preact/hooks';
import { palette } from '../chart/palette.js';
import type { Trend } from './trend-plot.js';
import { TrendPlot } from './trend-plot.js';

const HEIGHT_PX = 148;

interface TrendPanelProps {
  readonly title: string;
  readonly says?: string;
  /** What the chart shows now, in words. */
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly times: readonly number[];
  readonly trends: readonly Trend[];
  readonly least: number;
  readonly tick: (value: number) => string;
  readonly figure: (value: number) => string;
}

/** A small chart of the last minutes in a panel of its own. */
export function TrendPanel({ title, says, label, ...rest }: TrendPanelProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<{ lines: number; plot: TrendPlot }>(undefined);
  const colours = palette.value;
  const { trends } = rest;
  useEffect(() => {
    const into = box.current;
    if (!into) return;
    const picture = { ...rest, colours };
    if (plot.current?.lines !== trends.length) {
      plot.current?.plot.destroy();
      plot.current = {
        lines: trends.length,
        plot: new TrendPlot(into, into.clientWidth, HEIGHT_PX, picture),
      };
    } else plot.current.plot.draw(picture);
  });
  useEffect(() => {
    const into = box.current;
    if (!into) return;
    const observer = new ResizeObserver(() => plot.current?.plot.resize(into.clientWidth));
    observer.observe(into);
    return () => {
      observer.disconnect();
      plot.current?.plot.destroy();
      plot.current = undefined;
    };
  }, []);
  return (
    <section class="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {says && <span class="sub small">{says}</span>}
      </header>
      <div class="pad trend">
        <div ref={box} role="img" aria-label={label} class="trend-plot" />
      </div>
    </section>
  );
}
