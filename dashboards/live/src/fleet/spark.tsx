import { useMemo } from 'preact/hooks';
import type { SparkBuffer } from './spark-buffer.js';
import { SPARK_HEIGHT, SPARK_WIDTH, type SparkLook, sparkShape } from './spark-shape.js';

interface SparkProps extends SparkLook {
  readonly buffer: SparkBuffer;
  readonly now: number;
}

const WHOLE = `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`;

/**
 * The last half hour as one line, drawn for the eye: the figure beside it is what is read out. Made once a second at the
 * most, since a bucket is half a minute. Not a canvas: each would be a layer of its own.
 */
export function Spark({ buffer, now, interval, quiet, steps, limits }: SparkProps) {
  const shape = useMemo(
    () => sparkShape(buffer.means(now), { interval, quiet, steps, limits }),
    [buffer, now, interval, quiet, steps, limits],
  );
  return (
    <span class={`spark ${quiet ? 'is-quiet' : ''}`}>
      {shape && (
        <svg viewBox={WHOLE} preserveAspectRatio="none" aria-hidden="true">
          <path d={shape.line} />
          {shape.beyond.map(({ kind, top, height }) => (
            // The line once more, in the limit's colour: what is not beyond it is cut off.
            <svg
              key={`${kind} ${top}`}
              class={kind}
              y={top}
              height={height}
              viewBox={`0 ${top} ${SPARK_WIDTH} ${height}`}
              preserveAspectRatio="none"
              aria-hidden="true"
            >
              <path d={shape.line} />
            </svg>
          ))}
          {shape.dot && <path class="dot" d={shape.dot} />}
        </svg>
      )}
      {shape?.unknownFrom !== undefined && <i style={{ left: `${shape.unknownFrom * 100}%` }} />}
    </span>
  );
}
