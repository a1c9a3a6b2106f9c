/** What was told of a device's connection. */
export interface Status {
  readonly online: boolean;
  /** Why, in one word: `connected`, `closed`, `timeout`, `sleeping`, `overdue`, … */
  readonly reason: string;
  /** ms since 1970. */
  readonly at: number;
}

/** Why a connection ended, and when: ms since 1970. */
export interface Disconnect {
  readonly reason: string;
  readonly at: number;
}

/** What of a device's comings and goings lasts over a restart of the hub. */
export interface KeptStanding {
  /** What was told last; null before it first came. Only presence.ts may change it. */
  status: Status | null;
  lastDisconnect: Disconnect | null;
  /** The longest time that it sleeps between connections, as its last `hello` said, ms; null when it does not. */
  sleepMs: number | null;
  /** While it sleeps: when it will be back at the latest, ms since 1970. Null otherwise. */
  wakesBy: number | null;
  /** How often it named a new boot. */
  reboots: number;
}

/** How it stands with a device's connections; kept by presence.ts. */
export class Standing implements KeptStanding {
  status: Status | null = null;
  lastDisconnect: Disconnect | null = null;
  sleepMs: number | null = null;
  wakesBy: number | null = null;
  reboots = 0;
  /** It connects again and again. */
  isFlapping = false;

  kept(): KeptStanding {
    const { status, lastDisconnect, sleepMs, wakesBy, reboots } = this;
    return { status, lastDisconnect, sleepMs, wakesBy, reboots };
  }

  restore(kept: KeptStanding): void {
    Object.assign(this, kept);
  }
}
