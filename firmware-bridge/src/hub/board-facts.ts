import type { Cap, Hello } from '@fieldline/protocol';

/** What a board said of itself in its `hello`; told to the hub as the device's. */
export interface BoardFacts {
  readonly firmware?: string;
  readonly profile?: string;
  /** Of the board's own, without `reconnect`, which is the bridge's. */
  readonly caps: readonly Cap[];
  /** Longest line or frame that it takes, bytes. */
  readonly rxMax?: number;
  /** Version of the configuration that it runs. */
  readonly config?: number;
  /** When the board started, ms since 1970, by the bridge's clock. */
  readonly startedAt?: number;
  readonly sleepMs?: number;
}

/** A board that says no hello: it sends readings, and takes no commands. */
export const UNKNOWN_BOARD: BoardFacts = { caps: [] };

/** @param config the version that the board runs, as far as is known */
export function factsOf(
  hello: Hello,
  {
    rxMax,
    config,
    receivedMs,
  }: { rxMax: number | undefined; config: number | undefined; receivedMs: number },
): BoardFacts {
  const { caps = [], firmware, profile, uptime, sleep } = hello;
  return {
    caps,
    ...(firmware === undefined ? {} : { firmware }),
    ...(profile === undefined ? {} : { profile }),
    ...(rxMax === undefined ? {} : { rxMax }),
    ...(config === undefined ? {} : { config }),
    ...(uptime === undefined ? {} : { startedAt: receivedMs - uptime }),
    ...(sleep === undefined ? {} : { sleepMs: sleep }),
  };
}

/** Whether the hub need not be told anew. That a board's clock is a little off is no news. */
export function sameFacts(a: BoardFacts, b: BoardFacts): boolean {
  const told = ({ startedAt, ...rest }: BoardFacts) => JSON.stringify([startedAt !== undefined, rest]);
  return told(a) === told(b);
}
