/**
 * What `work` comes to, unless `stop` is aborted first: then its reason is thrown at once, and `work` is left to itself.
 * For what has no signal of its own, and may hang.
 */
export async function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  let stopped: () => void = () => undefined;
  const end = new Promise<never>((_, reject) => {
    stopped = () => reject(stop.reason);
    stop.addEventListener('abort', stopped);
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    stop.removeEventListener('abort', stopped);
  }
}
