import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface ListWindow {
  /** How far the list is scrolled, in steps, and how much of it is seen before the next step, in CSS pixels. */
  readonly top: number;
  readonly height: number;
  /** The `--row` token: a row is higher at phone width. */
  readonly rowPx: number;
}

const START: ListWindow = { top: 0, height: 800, rowPx: 36 };

/** A list is drawn anew after so many rows of scrolling: what is made to spare is at least as high. */
const STEP_ROWS = 4;

/** Follows what part of a long list is in view: the list scrolls by itself on a desk, with the page on a phone. */
export function useWindow(list: RefObject<HTMLElement | null>): ListWindow {
  const [seen, setSeen] = useState(START);
  useEffect(() => {
    // What CSS says is read once a layout, not once a frame: reading it while scrolling would style the page anew.
    let inner = true;
    let rowPx = START.rowPx;
    let height = START.height;
    const look = () => {
      const element = list.current;
      if (!element) return;
      const at = inner ? element.scrollTop : Math.max(0, -element.getBoundingClientRect().top);
      const top = at - (at % (STEP_ROWS * rowPx));
      setSeen((old) =>
        old.top === top && old.height === height && old.rowPx === rowPx ? old : { top, height, rowPx },
      );
    };
    const measure = () => {
      if (!list.current) return;
      inner = getComputedStyle(list.current).overflowY === 'scroll';
      const row = getComputedStyle(document.documentElement).getPropertyValue('--row');
      rowPx = Number.parseInt(row, 10) || START.rowPx;
      // What is seen of the list, and the step that it may be ahead of what was drawn.
      height = (inner ? list.current.clientHeight : innerHeight) + STEP_ROWS * rowPx;
      look();
    };
    measure();
    const element = list.current;
    const resized = new ResizeObserver(measure);
    if (element) resized.observe(element);
    element?.addEventListener('scroll', look, { passive: true });
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', measure);
    return () => {
      resized.disconnect();
      element?.removeEventListener('scroll', look);
      removeEventListener('scroll', look);
      removeEventListener('resize', measure);
    };
  }, [list]);
  return seen;
}
