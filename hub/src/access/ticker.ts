/** Often enough for "within a second". */
const TICK_MS = 500;

/** Calls `work` twice a second until it is stopped; keeps no process alive. Returns the way to stop. */
export function everyTick(work: () => void): () => void {
  const timer = setInterval(work, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
