// biome-ignore-all lint/a11y/useFocusableInteractive: Tab reaches the rows; their heads and headings take no focus
// biome-ignore-all lint/a11y/useSemanticElements: only the rows in view exist, placed by hand, which no table element can hold
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useKeys } from '../shell/keys.js';
import { go } from '../shell/navigation.js';
import { deviceHref } from '../shell/route.js';
import { fleet as words } from '../strings.js';
import type { Fleet } from './fleet.js';
import { FleetRow } from './fleet-row.js';
import { GroupRow } from './group-row.js';
import type { Outage } from './outage.js';
import { RowsLayout } from './rows-layout.js';
import type { Row } from './select.js';
import type { Selection } from './selection.js';
import { TableHead } from './table-head.js';
import { useWindow } from './use-window.js';

interface FleetTableProps {
  readonly fleet: Fleet;
  readonly rows: readonly Row[];
  /** The ids of the devices in the rows, in their order. */
  readonly order: readonly string[];
  readonly selection: Selection;
  /** False where no device has a tag, or tells its signal: then there is no column for it. */
  readonly tagged: boolean;
  readonly hasSignal: boolean;
  /** A tap on a row chooses it, and does not open it. */
  readonly picking: boolean;
  readonly onTouch: () => void;
  readonly onOutage: (outage: Outage) => void;
}

const open = (id: string) => go(deviceHref(id));

/** The fleet as a table: ten thousand rows, of which only those in view exist. */
export function FleetTable(props: FleetTableProps) {
  const { fleet, rows, order, selection, tagged, hasSignal, picking, onTouch, onOutage } = props;
  const viewport = useRef<HTMLDivElement>(null);
  const { top, height, rowPx } = useWindow(viewport);
  const layout = useMemo(() => new RowsLayout(rows, rowPx), [rows, rowPx]);
  const { from, to } = layout.window(top, height);
  // The device, and not its place: when rows move, the row that was focused keeps its focus.
  const [activeId, setActiveId] = useState<string | null>(null);
  const active = useMemo(() => rows.findIndex(({ key }) => key === activeId), [rows, activeId]);
  const focusNext = useRef(false);
  const hadFocus = useRef(false);
  hadFocus.current = viewport.current?.querySelector('.rw:focus') != null;

  const goTo = (index: number) => {
    const row = rows[index];
    if (row?.kind !== 'device') return;
    focusNext.current = true;
    setActiveId(row.key);
    reveal(viewport.current, layout.top(index), rowPx);
  };
  const move = (step: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    onTouch();
    const next = Math.max(0, Math.min(rows.length - 1, active + step));
    // A heading is no place to be: on past it, or back from it at the top.
    goTo(rows[next]?.kind === 'group' ? (rows[next + step] ? next + step : next - step) : next);
  };
  /** Keys mean the row with the focus; after a click on its box, the row that the box is in. */
  const onRow = (work: (id: string) => void) => (event: KeyboardEvent) => {
    const focused = event.target instanceof HTMLElement && event.target.closest<HTMLElement>('.rw');
    if (focused && focused.dataset.id !== undefined) work(focused.dataset.id);
  };
  // Always the same function: a row with the same properties is not drawn again for each step of a scroll.
  const latest = useRef({ order, onTouch });
  latest.current = { order, onTouch };
  const select = useCallback(
    (id: string, extend: boolean) => {
      latest.current.onTouch();
      if (extend) selection.extend(id, latest.current.order);
      else selection.toggle(id);
    },
    [selection],
  );
  const pick = useCallback((id: string) => select(id, false), [select]);
  useKeys({
    j: move(1),
    k: move(-1),
    ArrowDown: move(1),
    ArrowUp: move(-1),
    Enter: onRow(open),
    x: onRow((id) => select(id, false)),
    X: onRow((id) => select(id, true)),
    Escape: () => selection.clear(),
  });
  useLayoutEffect(() => {
    if (!focusNext.current) return;
    const row = viewport.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(activeId ?? '')}"]`);
    if (!row) return;
    focusNext.current = false;
    row.focus({ preventScroll: true });
  });
  useLayoutEffect(() => {
    if (hadFocus.current && active >= 0) goTo(active);
    // Only when the rows have moved.
  }, [rows]);

  const inView = rows.slice(from, to);
  const reachable =
    active >= from && active < to ? active : from + inView.findIndex((row) => row.kind === 'device');
  const chosen = selection.ids.value;
  const look = `panel fleet ${tagged ? '' : 'no-tags'} ${hasSignal ? '' : 'no-signal'} ${picking ? 'picking' : ''}`;
  return (
    <section class={look} aria-label={words.devices}>
      <div
        class="vp"
        ref={viewport}
        role="table"
        aria-label={words.devices}
        aria-rowcount={rows.length + 1}
        onPointerMove={onTouch}
        onWheel={onTouch}
        onTouchMove={onTouch}
      >
        <TableHead order={order} selection={selection} />
        <div class="space" role="rowgroup" style={{ height: `${layout.height}px` }}>
          {inView.map((row, offset) => {
            const index = from + offset;
            if (row.kind === 'group')
              return <GroupRow key={row.key} row={row} top={layout.top(index)} onOutage={onOutage} />;
            return (
              <FleetRow
                key={row.key}
                fleet={fleet}
                device={row.device}
                index={index}
                top={layout.top(index)}
                reachable={index === reachable}
                selected={chosen.has(row.key)}
                onOpen={picking ? pick : open}
                onFocus={setActiveId}
                onSelect={select}
              />
            );
          })}
        </div>
      </div>
      <div class="ft">
        <span>
          {words.inView(order.length, Math.min(from + 1, order.length), Math.min(to, order.length))}
        </span>
        <span class="wide-only">{words.agesRun}</span>
        <span class="grow" />
        <span class="wide-only">
          <kbd>j</kbd> <kbd>k</kbd> {words.hints.move} · <kbd>↵</kbd> {words.hints.open} · <kbd>x</kbd>{' '}
          {words.hints.select}
        </span>
      </div>
    </section>
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
