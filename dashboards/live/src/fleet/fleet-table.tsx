// biome-ignore-all lint/a11y/useFocusableInteractive: Tab reaches the rows; their heads and headings take no focus
// biome-ignore-all lint/a11y/useSemanticElements: only the rows in view exist, placed by hand, which no table element can hold
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { num } from '../format/number.js';
import { useKeys } from '../shell/keys.js';
import { go } from '../shell/navigation.js';
import { deviceHref } from '../shell/route.js';
import { fleet as words } from '../strings.js';
import type { Fleet } from './fleet.js';
import { FleetRow } from './fleet-row.js';
import { RowsLayout } from './rows-layout.js';
import type { Row } from './select.js';
import { useWindow } from './use-window.js';

interface FleetTableProps {
  readonly fleet: Fleet;
  readonly rows: readonly Row[];
  readonly shown: number;
  /** False where no device has a tag: then there is no column for them. */
  readonly tagged: boolean;
  readonly onTouch: () => void;
}

const COLUMNS = [
  ['state', ''],
  ['device', ''],
  ['profile', 'c-prof'],
  ['tags', 'c-tags'],
  ['reading', 'end'],
  ['spark', 'c-spark'],
  ['firmware', 'c-fw'],
  ['fresh', ''],
] as const;

const open = (id: string) => go(deviceHref(id));

/** The fleet as a table: ten thousand rows, of which only those in view exist. */
export function FleetTable({ fleet, rows, shown, tagged, onTouch }: FleetTableProps) {
  const viewport = useRef<HTMLDivElement>(null);
  const { top, height, rowPx } = useWindow(viewport);
  const layout = useMemo(() => new RowsLayout(rows, rowPx), [rows, rowPx]);
  const { from, to } = layout.window(top, height);
  const [active, setActive] = useState(-1);
  const focusNext = useRef(false);

  const move = (step: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    onTouch();
    let next = Math.max(0, Math.min(rows.length - 1, active + step));
    // A heading is no place to be: on past it, or back from it at the top.
    if (rows[next]?.kind === 'group') next = rows[next + step] ? next + step : next - step;
    if (rows[next]?.kind !== 'device') return;
    focusNext.current = true;
    setActive(next);
    reveal(viewport.current, layout.top(next), rowPx);
  };
  useKeys({
    j: move(1),
    k: move(-1),
    ArrowDown: move(1),
    ArrowUp: move(-1),
    Enter: (event) => {
      const row = rows[active];
      const focused = event.target instanceof HTMLElement && event.target.closest('.rw');
      if (focused && row?.kind === 'device') open(row.device.id);
    },
  });
  useLayoutEffect(() => {
    if (!focusNext.current) return;
    const row = viewport.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (!row) return;
    focusNext.current = false;
    row.focus({ preventScroll: true });
  });
  // A new list begins at its top.
  useEffect(() => setActive(-1), [rows]);

  const inView = rows.slice(from, to);
  const reachable =
    active >= from && active < to ? active : from + inView.findIndex((row) => row.kind === 'device');
  return (
    <section class={`panel fleet ${tagged ? '' : 'no-tags'}`} aria-label={words.devices}>
      <div
        class="vp"
        ref={viewport}
        role="table"
        aria-label={words.devices}
        aria-rowcount={shown + 1}
        onPointerMove={onTouch}
        onWheel={onTouch}
        onTouchMove={onTouch}
      >
        <div role="rowgroup" class="hg">
          <div class="hd" role="row">
            {COLUMNS.map(([column, look]) => (
              <span
                key={column}
                role="columnheader"
                class={look}
                title={column === 'fresh' ? words.freshHint : undefined}
              >
                {words.columns[column]}
              </span>
            ))}
          </div>
        </div>
        <div class="space" role="rowgroup" style={{ height: `${layout.height}px` }}>
          {inView.map((row, offset) => {
            const index = from + offset;
            if (row.kind === 'group') return <GroupRow key={row.key} row={row} top={layout.top(index)} />;
            return (
              <FleetRow
                key={row.key}
                fleet={fleet}
                device={row.device}
                index={index}
                top={layout.top(index)}
                reachable={index === reachable}
                onOpen={open}
                onFocus={setActive}
              />
            );
          })}
        </div>
      </div>
      <div class="ft">
        <span>{words.inView(shown, Math.min(from + 1, shown), Math.min(to, shown))}</span>
        <span class="wide-only">{words.agesRun}</span>
        <span class="grow" />
        <span class="wide-only">
          <kbd>j</kbd> <kbd>k</kbd> {words.hints.move} · <kbd>↵</kbd> {words.hints.open} · <kbd>/</kbd>{' '}
          {words.hints.search}
        </span>
      </div>
    </section>
  );
}

function GroupRow({ row, top }: { row: Row & { kind: 'group' }; top: number }) {
  return (
    <div class="gr" role="row" tabIndex={-1} style={{ transform: `translateY(${top}px)` }}>
      <span role="cell">
        {row.needy ? words.needsAttention : words.asExpected} <span class="sub">{num(row.count, 0)}</span>
      </span>
    </div>
  );
}

const HEAD_PX = 32;

/** Scrolls just as far as needed for the row to be seen below the table's head. */
function reveal(viewport: HTMLElement | null, top: number, rowPx: number): void {
  if (!viewport) return;
  const bottom = top + rowPx + HEAD_PX - viewport.clientHeight;
  if (top < viewport.scrollTop) viewport.scrollTop = top;
  else if (bottom > viewport.scrollTop) viewport.scrollTop = bottom;
}
