import { useEffect, useRef, useState } from 'preact/hooks';
import type { Fleet } from './fleet.js';
import { FleetTile } from './fleet-tile.js';
import type { Row } from './select.js';

/** How many tiles are made at first, and with each approach to the end. */
const STEP = 120;

/** The fleet as small plates; more are made as the end comes near. */
export function FleetTiles({ fleet, rows }: { fleet: Fleet; rows: readonly Row[] }) {
  const [count, setCount] = useState(STEP);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current) return;
    const near = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) setCount((made) => made + STEP);
      },
      { rootMargin: '600px' },
    );
    near.observe(end.current);
    return () => near.disconnect();
  }, []);
  const devices = rows.flatMap((row) => (row.kind === 'device' ? [row.device] : []));
  return (
    <>
      <div class="tiles inset">
        {devices.slice(0, count).map((device) => (
          <FleetTile key={device.id} fleet={fleet} device={device} />
        ))}
      </div>
      <div ref={end} />
    </>
  );
}
