/** How long the board is held: a capacitor of 100 nF and the tools of ESP32 boards want less. */
const HOLD_MS = 100;

/** What a port needs for it; a callback gets an error where the port has no such lines. */
export interface ModemLines {
  readonly isOpen: boolean;
  set(lines: { dtr: boolean; rts: boolean }, done: (error: Error | null) => void): void;
}

/**
 * Resets a board as its own tools do. An Arduino restarts when DTR comes back; an ESP32 is held while RTS is on and DTR
 * is not, and starts its program, not its loader, since the next step changes DTR alone. In the end both are on, as after
 * the opening: with one of them off a later restart of an ESP32 would end in its loader. Ports without such lines (ptys)
 * say so, which is nobody's trouble.
 */
export function resetBoard(port: ModemLines): void {
  port.set({ dtr: false, rts: true }, (error) => {
    if (error !== null && error !== undefined) return;
    setTimeout(() => {
      if (port.isOpen) port.set({ dtr: true, rts: true }, () => undefined);
    }, HOLD_MS);
  });
}
