/** Moves labels apart that want to stand at `wanted` (ascending), so that each has `room` and none is below `bottom`. */
export function spread(wanted: readonly number[], room: number, bottom: number): number[] {
  let above = Number.NEGATIVE_INFINITY;
  const placed = wanted.map((at) => {
    above = Math.max(at, above + room);
    return above;
  });
  let below = bottom;
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(placed[i] ?? below, below);
    below = (placed[i] ?? below) - room;
  }
  return placed;
}
