import type { AuditEntry } from '@fieldline/protocol';
import type { HubClient } from '../cli/hub-client.js';
import type { HubSight, Readiness, Told } from './scene.js';

const TIMEOUT_MS = 10_000;

/** Asks a hub how it is: what it tells everybody, and what it tells those who have a token. Never throws. */
export async function lookAtHub(
  client: HubClient,
  now: () => number,
  fetcher: typeof fetch = fetch,
): Promise<HubSight> {
  const { url } = client.connection;
  let readiness: Readiness;
  try {
    const response = await fetcher(`${url}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    readiness = (await response.json()) as Readiness;
    if (readiness.journal === undefined)
      throw new Error(`what answers there is not a hub (HTTP ${response.status})`);
  } catch (error) {
    return away(url, error);
  }
  try {
    const askedAt = now();
    const system = await client.system();
    const clockAheadMs = system.at - (askedAt + now()) / 2;
    const told: Told = {
      system,
      connection: await client.connectionInfo(),
      users: await all(client.users()),
      backedUpAt: await lastBackup(client.audit({ action: 'backup.made' })),
    };
    return { isThere: true, url, readiness, clockAheadMs, told, refusal: null };
  } catch (error) {
    const refusal = error instanceof Error ? error.message : String(error);
    return { isThere: true, url, readiness, clockAheadMs: null, told: null, refusal };
  }
}

async function all<T>(listing: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of listing) items.push(item);
  return items;
}

/** The audit has the newest first. */
async function lastBackup(audit: AsyncIterable<AuditEntry>): Promise<number | null> {
  for await (const { at, result } of audit) if (result === 'ok') return at;
  return null;
}

function away(url: string, error: unknown): HubSight {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  const remedy =
    'Start it (fieldline start, systemctl start fieldline), or say where it is: FIELDLINE_URL=http://host:8080. ' +
    'Its log tells why it ended (journalctl -u fieldline, docker compose logs hub).';
  return { isThere: false, url, reason, remedy };
}
