import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Whether the element is on screen, or nearly: what is not need not be drawn. */
export function useInView(element: RefObject<HTMLElement | null>): boolean {
  const [inView, setInView] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const watch = new IntersectionObserver(([entry]) => setInView(entry?.isIntersecting ?? false), {
      rootMargin: '100px',
    });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, [element]);
  return inView;
}
