const MINUTE_MS = 60_000;

/** Round times of the viewer's own clock; each takes the offset of its own day, so that summer time is no trap. */
export function localTicks(from: number, to: number, every: number): number[] {
  const ticks: number[] = [];
  const offset = (t: number) => new Date(t).getTimezoneOffset() * MINUTE_MS;
  let wall = Math.ceil((from - offset(from)) / every) * every;
  for (;;) {
    const t = wall + offset(wall + offset(wall));
    if (t > to) return ticks;
    // An hour that does not exist stands where the next one does: it is told once.
    if (t >= from && t !== ticks.at(-1)) ticks.push(t);
    wall += every;
  }
}
