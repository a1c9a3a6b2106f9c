/** Distance of the strokes, in CSS pixels. */
const PITCH = 7;

/**
 * The hatch: not known. One pattern for gaps, outages and states.
 * @param box in the context's own pixels
 * @param scale how many of them are one CSS pixel
 */
export function hatch(
  g: CanvasRenderingContext2D,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colour: string,
  scale = 1,
): void {
  const { x, y, width, height } = box;
  if (width < 1) return;
  const pitch = PITCH * scale;
  g.save();
  g.beginPath();
  g.rect(x, y, width, height);
  g.clip();
  g.strokeStyle = colour;
  g.lineWidth = scale;
  g.beginPath();
  // On a grid of its own, so that neighbouring lanes' strokes line up and nothing crawls while time passes.
  for (let at = Math.floor((x - height) / pitch) * pitch; at < x + width; at += pitch) {
    g.moveTo(at, y + height);
    g.lineTo(at + height, y);
  }
  g.stroke();
  g.restore();
}

/** A word on a chart, on a patch of surface so that lines do not cross it. */
export function label(
  g: CanvasRenderingContext2D,
  text: string,
  at: { readonly x: number; readonly y: number; readonly align: 'left' | 'center' },
  ink: { readonly colour: string; readonly surface: string; readonly font: string },
  scale = 1,
): void {
  g.save();
  g.font = ink.font;
  g.textAlign = 'left';
  g.textBaseline = 'middle';
  const width = g.measureText(text).width;
  const x = at.align === 'center' ? at.x - width / 2 : at.x;
  g.globalAlpha = 0.86;
  g.fillStyle = ink.surface;
  g.fillRect(x - 3 * scale, at.y - 7 * scale, width + 6 * scale, 14 * scale);
  g.globalAlpha = 1;
  g.fillStyle = ink.colour;
  g.fillText(text, x, at.y + 0.5 * scale);
  g.restore();
}
