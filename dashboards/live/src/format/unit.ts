import { unitOf } from '@fieldline/protocol/browser';

/** The symbol that people read for a UCUM code: "°C" for "Cel"; '' for none and for plain counts. */
export function unitSymbol(ucum: string | null): string {
  return ucum === null ? '' : unitOf(ucum).symbol;
}
