import { hubClock } from '../api/client.js';
import type { Socket, World } from './socket.js';

const PROBE_MS = 5_000;

/** The browser as the live socket needs it. The cookie authenticates the upgrade. */
export const browserWorld: World = {
  connect() {
    const url = new URL('/ws/v1/live', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return new WebSocket(url) as Socket;
  },
  now: () => hubClock.now(),
  random: () => Math.random(),
  later(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  async probe() {
    try {
      const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS) });
      return answer.ok;
    } catch {
      return false;
    }
  },
};
