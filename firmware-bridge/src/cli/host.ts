import type { Readable, Writable } from 'node:stream';

/** The process, as far as the command line uses it. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable;
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): never;
}

/** What the process answers to the shell. Part of the command line's contract: scripts branch on it. */
export const EXIT = {
  /** Stopped by a signal, or done. */
  ok: 0,
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
} as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done, or stopped by SIGINT or SIGTERM
  1  it could not be started, or did not stop in time
  2  wrong usage or configuration`;

/** Resolves at the first SIGINT or SIGTERM. `release` takes the listeners away again. */
export function stopSignal(host: Host): { readonly stopped: Promise<void>; release(): void } {
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  host.on('SIGINT', stop);
  host.on('SIGTERM', stop);
  return {
    stopped,
    release() {
      host.off('SIGINT', stop);
      host.off('SIGTERM', stop);
    },
  };
}
