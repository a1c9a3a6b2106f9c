import { encode } from 'uqr';

/** A QR code as one path of an SVG: a dark module is a square of 1. */
export interface QrPath {
  /** Modules on a side, without the quiet zone. */
  readonly size: number;
  readonly path: string;
}

/** What a code has to keep free around it (ISO/IEC 18004 §6.3.8). */
export const QUIET_ZONE = 4;

/** Draws a text as a QR code with 15 % of error correction. Runs of dark modules are one rectangle each. */
export function qrPath(text: string): QrPath {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const runs: string[] = [];
  for (const [y, row] of data.entries()) {
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue;
      const start = x;
      while (x + 1 < size && row[x + 1]) x++;
      runs.push(`M${start} ${y}h${x - start + 1}v1H${start}z`);
    }
  }
  return { size, path: runs.join('') };
}
