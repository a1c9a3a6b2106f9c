import { ownAddress } from './config/own-address.js';
import { type Env, loadConfig } from './config.js';

/** Shorter than the time that health checks of containers are given (Dockerfile, docker-compose.yml). */
const TIMEOUT_MS = 4_000;

/**
 * Whether the hub that is configured here can make readings durable. For health checks of containers: a sink that is away
 * does not make it unhealthy.
 */
export async function isHealthy(env: Env, fetcher: typeof fetch = fetch): Promise<boolean> {
  try {
    const url = `${ownAddress(loadConfig(env))}/readyz`;
    const { ok } = await fetcher(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return ok;
  } catch {
    return false;
  }
}
