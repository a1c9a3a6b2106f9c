import { useEffect, useRef, useState } from 'preact/hooks';
import type { Fleet } from './fleet.js';
import { FleetTile } from './fleet-tile.js';
import { tilesWindow } from './tiles-layout.js';
import { useWindow } from './use-window.js';

interface FleetTilesProps {
  readonly fleet: Fleet;
  /** The ids of the devices that are shown, in their order. */
  readonly order: readonly string[];
  readonly onTouch: () => void;
}

/** The fleet as small plates, of which only those in view exist. */
export function FleetTiles({ fleet, order, onTouch }: FleetTilesProps) {
  const grid = useRef<HTMLDivElement>(null);
  const { top, height } = useWindow(grid);
  const columns = useColumns(grid);
  const { from, to, above, height: whole } = tilesWindow(order.length, columns, top, height);
  const devices = order.slice(from, to).flatMap((id) => fleet.devices.get(id) ?? []);
  return (
    <div
      class="tiles inset"
      ref={grid}
      style={{ height: `${whole}px`, paddingTop: `${above}px` }}
      onPointerMove={onTouch}
      onTouchMove={onTouch}
    >
      {devices.map((device) => (
        <FleetTile key={device.id} fleet={fleet} device={device} />
      ))}
    </div>
  );
}

/** How many columns the style sheet has made room for. */
function useColumns(grid: { readonly current: HTMLElement | null }): number {
  const [columns, setColumns] = useState(1);
  useEffect(() => {
    const element = grid.current;
    if (!element) return;
    const measure = () => setColumns(getComputedStyle(element).gridTemplateColumns.split(' ').length);
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => resized.disconnect();
  }, [grid]);
  return columns;
}
