/** Right gutter of every lane, CSS pixels: the figures of the scale, beside "now". */
export const GUTTER_PX = 54;

/** A canvas that is sharp at this screen's density: its context, and its size in CSS pixels. */
export interface Paper {
  readonly g: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** Clears the canvas and fits it to the box that CSS gives it; undefined while it has none. */
export function paper(canvas: HTMLCanvasElement): Paper | undefined {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const g = canvas.getContext('2d');
  if (!g || width === 0 || height === 0) return undefined;
  const density = devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  g.scale(density, density);
  return { g, width, height };
}

/** The middle of the nearest pixel, where a hairline is one pixel wide. */
export const crisp = (at: number): number => Math.round(at) + 0.5;
